"""A file that is encrypted as it is written, and refused if it was changed or cut.

AES-256-GCM on pieces of a mebibyte, numbered, the last one marked (the construction
STREAM of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), with a key of its own for each
file, which HKDF makes from the installation's and a random salt.
"""

import base64
import io
import os
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..errors import FileDamaged

MAGIC = b"PROMBACKUP1\n"
SALT, PIECE, TAG = 32, 2**20, 16  # bytes
DAMAGED = "the backup was changed or cut short, or PROM_BACKUP_KEY is another"
LENGTH = struct.Struct(">I")


class Sealing(io.RawIOBase):
    """Writes into `file`, encrypted; it is whole once this is closed."""

    def __init__(self, file: BinaryIO, key: str):
        salt = os.urandom(SALT)
        self.file, self.cipher = file, _cipher(key, salt)
        self.buffer, self.n = bytearray(), 0
        file.write(MAGIC + salt)

    def writable(self):
        return True

    def write(self, data):
        self.buffer += data
        while len(self.buffer) > PIECE:
            self._seal(bytes(self.buffer[:PIECE]), is_last=False)
            del self.buffer[:PIECE]
        return len(data)

    def close(self):
        if not self.closed:
            self._seal(bytes(self.buffer), is_last=True)
        super().close()

    def _seal(self, piece, *, is_last):
        sealed = self.cipher.encrypt(_nonce(self.n, is_last), piece, MAGIC)
        self.file.write(LENGTH.pack(len(sealed)) + sealed)
        self.n += 1


class Opening(io.RawIOBase):
    """Reads what Sealing wrote; FileDamaged where it was not this, or other key."""

    def __init__(self, file: BinaryIO, key: str):
        if file.read(len(MAGIC)) != MAGIC:
            raise FileDamaged("it is no backup that `prom backup` made")
        self.file, self.cipher = file, _cipher(key, file.read(SALT))
        self.buffer, self.n = b"", 0
        self.next = self._sealed()

    def readable(self):
        return True

    def readinto(self, target):
        while not self.buffer and self.next is not None:
            self.buffer = self._open()
        taken = self.buffer[: len(target)]
        self.buffer = self.buffer[len(taken) :]
        target[: len(taken)] = taken
        return len(taken)

    def _open(self):
        sealed, self.next = self.next, self._sealed()
        try:
            nonce = _nonce(self.n, self.next is None)
            piece = self.cipher.decrypt(nonce, sealed, MAGIC)
        except InvalidTag:
            raise FileDamaged(DAMAGED) from None
        self.n += 1
        return piece

    def _sealed(self):
        """The next piece as it lies there; None after the last."""
        length = self.file.read(LENGTH.size)
        if len(length) < LENGTH.size:
            return None
        (n,) = LENGTH.unpack(length)
        sealed = self.file.read(n) if n <= PIECE + TAG else b""
        if len(sealed) != n:
            raise FileDamaged(DAMAGED)
        return sealed


def _cipher(key: str, salt: bytes) -> AESGCM:
    secret = base64.urlsafe_b64decode(key)
    made = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"prom backup")
    return AESGCM(made.derive(secret))


def _nonce(n: int, is_last: bool) -> bytes:
    return n.to_bytes(11, "big") + bytes([is_last])
