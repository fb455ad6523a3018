"""Staff, the roles they hold, and how they sign in."""

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    or_,
    type_coerce,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from ..database import UtcDateTime, utc_now
from ..encryption import BlindIndex, EncryptedWords
from ..extensions import Model
from .trust import Team, Trust

ADMINISTRATOR, AUDITOR = "administrator", "auditor"
COORDINATOR, KEYER = "coordinator", "keyer"
RESEARCHER, LEAD = "researcher", "lead"
ROLES = (ADMINISTRATOR, COORDINATOR, KEYER, RESEARCHER, LEAD, AUDITOR)
# Held in a trust as a whole or in some of its teams; the others know no teams.
IN_TEAMS = (COORDINATOR, KEYER, RESEARCHER, LEAD)
# Who leads a service sees sums of ten people and never a single one's answers.
SEE_SINGLE_ANSWERS = (COORDINATOR, KEYER, RESEARCHER)


class StaffUser(Model, UserMixin):
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(EncryptedWords, unique=True)
    # None for who was added before addresses were encrypted: `has_address`.
    email_index: Mapped[str | None] = mapped_column(
        BlindIndex("staff addresses"), unique=True
    )
    name: Mapped[str] = mapped_column(String(200))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    # Changing it ends every session of this person at once.
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_last_step: Mapped[int | None]
    # Hashes of the recovery codes that are left, in Flask-Security's word.
    mf_recovery_codes: Mapped[list | None] = mapped_column(JSON(none_as_null=True))
    # Issuer and number of this person at the organisation's own sign-in.
    provider_subject: Mapped[str | None] = mapped_column(String(600), unique=True)
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="staff_user", cascade="all, delete-orphan", lazy="selectin"
    )

    @validates("email")
    def _index_address(self, _name: str, email: str) -> str:
        self.email_index = email
        return email

    @classmethod
    def has_address(cls, email: str) -> ColumnElement[bool]:
        """The condition that an account has this address, in small letters."""
        in_clear = type_coerce(cls.email, Text) == email
        return or_(cls.email_index == email, in_clear)

    @property
    def roles(self) -> "list[RoleGrant]":  # type: ignore[override]  # only read
        return self.grants  # in Flask-Security's word

    @property
    def role_names(self) -> list[str]:
        return sorted({grant.role for grant in self.grants})

    def has_role(self, role: str | RoleMixin) -> bool:
        name = role if isinstance(role, str) else role.name
        return name in self.role_names

    @property
    def has_signed_in(self) -> bool:
        """Whether there is a password, a second factor or a provider yet."""
        held = (self.password, self.tf_totp_secret, self.provider_subject)
        return any(each is not None for each in held)

    @property
    def is_by_provider_alone(self) -> bool:
        """Whether the organisation's own sign-in is the only way in."""
        return self.provider_subject is not None and self.password is None

    @property
    def can_sign_in(self) -> bool:
        """Whether this person gets in without a new link from anybody."""
        held = self.password is not None and self.tf_totp_secret is not None
        has_way = held or self.provider_subject is not None
        return self.active and (has_way or self.is_demonstration)

    @property
    def standing(self) -> str:
        """How things stand with this account, in a word or two."""
        if not self.active:
            return "disabled"
        if self.is_demonstration:
            return "demonstration"
        return "active" if self.can_sign_in else "invited"

    @property
    def administers(self) -> set[int | None]:
        """The trusts that this person is an administrator of; None is every one."""
        return {g.trust_id for g in self.grants if g.role == ADMINISTRATOR}

    @property
    def places(self) -> set[int | None]:
        """The trusts in which this person has a role; None is every one."""
        return {g.trust_id for g in self.grants}

    def looks_after(self, other: "StaffUser") -> bool:
        """Whether this administrator reaches every trust in which the other is."""
        mine = self.administers
        return None in mine or other.places <= mine

    def forget_sign_in(self) -> None:
        """Take away what this person signs in with: only a new link lets them in."""
        self.password = self.provider_subject = None
        self.forget_second_factor()

    def forget_second_factor(self) -> None:
        """Take away the authenticator and the recovery codes that stand in for it."""
        self.tf_primary_method = self.tf_totp_secret = None
        self.tf_last_step = self.mf_recovery_codes = None

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Everyone needs a second factor; demonstration links never get this far."""
        return True, tf_setup_methods

    def trust_ids(self, *roles: str) -> set[int]:
        """Trusts in which this person holds one of the roles."""
        return {g.trust_id for g in self.grants if g.role in roles and g.trust_id}

    def whole_trust_ids(self, *roles: str) -> set[int]:
        """Trusts in the whole of which this person holds one of the roles."""
        held = [g for g in self.grants if g.role in roles and g.team_id is None]
        return {g.trust_id for g in held if g.trust_id is not None}

    def single_team_ids(self, *roles: str) -> set[int]:
        """Teams in which one of the roles is held without the trust around them."""
        held = [g for g in self.grants if g.role in roles and g.team_id is not None]
        return {g.team.now.id for g in held if g.team is not None}

    def team_ids(self, trust_id: int, *roles: str) -> set[int] | None:
        """Teams of a trust that the roles reach; None where they reach all of it."""
        held = [g for g in self.grants if g.role in roles and g.trust_id == trust_id]
        if any(grant.team_id is None for grant in held):
            return None
        return {g.team.now.id for g in held if g.team is not None}


class RoleGrant(Model, RoleMixin):
    """One role in one trust or one of its teams; an administrator may be of all."""

    __table_args__ = (
        CheckConstraint(f"role IN {ROLES}", name="known_role"),
        CheckConstraint(
            "trust_id IS NOT NULL OR role = 'administrator'", name="has_a_place"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_user_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[str] = mapped_column(String(32))
    trust_id: Mapped[int | None] = mapped_column(ForeignKey("trust.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))

    # Why somebody leads a service and sees single answers of it too.
    why: Mapped[str | None] = mapped_column(Text)

    staff_user: Mapped[StaffUser] = relationship(back_populates="grants")
    trust: Mapped[Trust | None] = relationship()
    team: Mapped[Team | None] = relationship()

    @property
    def name(self) -> str:  # type: ignore[override]  # only read
        return self.role

    @property
    def place(self) -> str:
        """Where the role holds, in words."""
        if self.trust is None:
            return "every trust"
        return f"{self.team.name}, {self.trust.name}" if self.team else self.trust.name


class SignInLink(Model):
    """A link that signs one person in once; only its hash is kept."""

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_user_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff_user: Mapped[StaffUser] = relationship()


class Attempt(Model):
    """One try of a secret, counted for all workers; who and where are hashes."""

    __table_args__ = (
        Index("ix_attempt_account_place_at", "account", "place", "at"),
        Index("ix_attempt_place_at", "place", "at"),
        Index("ix_attempt_kind_at", "kind", "at"),
        Index("ix_attempt_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
