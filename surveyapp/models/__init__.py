"""The records, one module an aggregate."""

from .adaptive_sitting import AdaptiveSitting, Exposure
from .answer_import import AnswerImport, AnswerImportPiece, ImportedAssessment
from .assessment import (
    Answer,
    AnswerHistory,
    Assessment,
    BackgroundAnswer,
    Comment,
    Consent,
    Reply,
    Respondent,
    RespondentSession,
)
from .audit_event import AuditEvent, AuditHead
from .campaign import (
    Campaign,
    CampaignInstrument,
    CampaignVersion,
    CampaignWave,
)
from .campaign_notice import CampaignNotice
from .chart_note import ChartStep, ScoreTarget
from .comment_reading import CommentProtocol, CommentReader, CommentReading
from .contact import Contact, ContactChange, ContactKey, Suppression
from .contact_import import ContactImport, ContactImportPiece
from .improvement_note import ImprovementNote
from .invitation import Invitation, InvitationToken
from .job import Job
from .keyed_form import KeyedForm
from .message import Mailing, MailingFile, Message
from .message_plan import MessagePlan, MessageText, PlanStep
from .printed_form import PrintedCopy, PrintedForm
from .release import Release
from .released_group import (
    ReleasedBlock,
    ReleasedCut,
    ReleasedFigure,
    ReleasedGroup,
    ReleasedRate,
    ReleasedSpread,
    ReleasedSum,
    ReleasedTally,
)
from .score import Score
from .sent_form import SentForm
from .staff import Attempt, RoleGrant, SignInLink, StaffUser
from .staff_session import StaffSession
from .stops_counted import StopsCounted
from .thanks import Thanks
from .trust import Team, Trust
from .validation_run import RunAttachment, RunFile, ValidationRun
from .worker_beat import WorkerBeat

__all__ = [
    "AdaptiveSitting",
    "Answer",
    "AnswerHistory",
    "AnswerImport",
    "AnswerImportPiece",
    "Assessment",
    "Attempt",
    "AuditEvent",
    "AuditHead",
    "BackgroundAnswer",
    "Campaign",
    "CampaignInstrument",
    "CampaignNotice",
    "CampaignVersion",
    "CampaignWave",
    "ChartStep",
    "Comment",
    "CommentProtocol",
    "CommentReader",
    "CommentReading",
    "Consent",
    "Contact",
    "ContactChange",
    "ContactImport",
    "ContactImportPiece",
    "ContactKey",
    "Exposure",
    "ImportedAssessment",
    "ImprovementNote",
    "Invitation",
    "InvitationToken",
    "Job",
    "KeyedForm",
    "Mailing",
    "MailingFile",
    "Message",
    "MessagePlan",
    "MessageText",
    "PlanStep",
    "PrintedCopy",
    "PrintedForm",
    "Release",
    "ReleasedBlock",
    "ReleasedCut",
    "ReleasedRate",
    "ReleasedFigure",
    "ReleasedGroup",
    "ReleasedSpread",
    "ReleasedSum",
    "ReleasedTally",
    "Reply",
    "Respondent",
    "RespondentSession",
    "RoleGrant",
    "RunAttachment",
    "RunFile",
    "Score",
    "SentForm",
    "ScoreTarget",
    "SignInLink",
    "StaffSession",
    "StaffUser",
    "Suppression",
    "Team",
    "StopsCounted",
    "Thanks",
    "Trust",
    "ValidationRun",
    "WorkerBeat",
]
