"""Users, tokens and login policies of an OpenIM deployment, in memory: what its user and auth services and Redis hold."""

import base64
import hashlib
import hmac
import json
import re
import time

PLATFORMS = {
    1: "IOS",
    2: "Android",
    3: "Windows",
    4: "OSX",
    5: "Web",
    6: "MiniWeb",
    7: "Linux",
    8: "APad",
    9: "IPad",
    10: "Admin",
}
IOS, WEB, ADMIN = 1, 5, 10
PC = {3, 4, 7}
_CLASSES_8 = {1: "Mobile", 2: "Mobile", 3: "PC", 4: "PC", 5: "Web", 6: "MiniWeb", 7: "PC", 8: "Pad", 9: "Pad", 10: "Admin"}
TOKEN_LIFE_SECONDS = 90 * 24 * 3600
NORMAL, KICKED = 0, 2
_MOST_TOKENS_OF_A_PLATFORM = 30

ERRORS = {
    500: "ServerInternalError",
    1001: "ArgsError",
    1002: "NoPermissionError",
    1004: "RecordNotFoundError",
    1101: "UserIDNotFoundError",
    1102: "RegisteredAlreadyError",
    1203: "NotInGroupYetError",
    1501: "TokenExpiredError",
    1502: "TokenInvalidError",
    1503: "TokenMalformedError",
    1504: "TokenNotValidYetError",
    1505: "TokenUnknownError",
    1506: "TokenKickedError",
    1507: "TokenNotExistError",
    1601: "ConnOverMaxNumLimit",
    1602: "args err, need token, sendID, platformID",
}


class OpenIMError(Exception):
    """A business error: its code, its stable name, and free text."""

    def __init__(self, code: int, detail: str = "", name: str | None = None):
        super().__init__(detail)
        self.code, self.detail = code, detail
        self.name = name if name is not None else ERRORS.get(code, "UnknownError")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Tokens:
    """JWT (RFC 7519) with HS256: made and read by hand, so that no library's leniency hides a client's mistake."""

    def __init__(self, secret: str):
        self._key = secret.encode()

    def make(self, user: str, platform: int, *, not_before: bool, now: float | None = None) -> str:
        issued = int(time.time() if now is None else now)
        claims = {"UserID": user, "PlatformID": platform, "exp": issued + TOKEN_LIFE_SECONDS}
        if not_before:
            claims["nbf"] = issued - 300
        claims["iat"] = issued
        head = _base64url(b'{"alg":"HS256","typ":"JWT"}')
        signed = f"{head}.{_base64url(json.dumps(claims, separators=(',', ':')).encode())}"
        return f"{signed}.{self._signature(signed)}"

    def _signature(self, text: str) -> str:
        return _base64url(hmac.new(self._key, text.encode(), hashlib.sha256).digest())

    def read(self, token: str) -> tuple[str, int, int]:
        """(user, platform, expiry as Unix seconds)"""
        try:
            head, payload, signature = token.split(".")
            algorithm = json.loads(_from_base64url(head))["alg"]
            claims = json.loads(_from_base64url(payload))
            user, platform = claims["UserID"], claims["PlatformID"]
            if not isinstance(user, str) or type(platform) is not int:
                raise ValueError("claims")
        except (ValueError, KeyError, TypeError):
            raise OpenIMError(1503) from None
        try:
            matches = hmac.compare_digest(signature, self._signature(f"{head}.{payload}"))
        except TypeError:  # not ASCII
            matches = False
        if algorithm != "HS256" or not matches:
            raise OpenIMError(1505)
        now = time.time()
        if claims.get("exp", 0) <= now:
            raise OpenIMError(1501)
        if claims.get("nbf", 0) > now or claims.get("iat", 0) > now:
            raise OpenIMError(1504)
        return user, platform, int(claims["exp"])


class Accounts:
    """Who is registered, and which tokens are good. `version` is 3.5.1 or 3.8.3, `policy` the login policy's number."""

    def __init__(self, version: str, secret: str, policy: int):
        self.old = version == "3.5.1"
        self.secret, self.policy = secret, policy
        self.admins = ("openIM123456", "openIM654321", "openIMAdmin") if self.old else ("imAdmin",)
        self.users: dict[str, str] = {admin: admin for admin in self.admins}
        self.jwt = Tokens(secret)
        #: Status of each token by (user, platform), oldest first.
        self.statuses: dict[tuple[str, int], dict[str, int]] = {}

    # What the REST API asks.

    def register(self, users: list[object]) -> None:
        """All of them or none."""
        named: dict[str, str] = {}
        if not users:
            raise OpenIMError(1001, "users is empty")
        for user in users:
            user_id = user.get("userID") if isinstance(user, dict) else None
            nickname = user.get("nickname") if isinstance(user, dict) else None
            if not isinstance(user_id, str) or not isinstance(nickname, str) or not user_id or not nickname:
                raise OpenIMError(1001, "userID or nickname is empty")
            if ":" in user_id or (not self.old and not re.fullmatch("[A-Za-z0-9_]+", user_id)):
                raise OpenIMError(1001, "userID has characters that are not allowed")
            if user_id in named:
                raise OpenIMError(1001, "userID repeated")
            named[user_id] = nickname
        if any(user_id in self.users for user_id in named):
            raise OpenIMError(1102, "userID registered already")
        self.users.update(named)

    def token(self, user: str, platform: int) -> str:
        if platform not in PLATFORMS:
            raise OpenIMError(1001, "platformID is invalid")
        if user not in self.users:
            raise OpenIMError(1101, "userID not found")
        token = self.jwt.make(user, platform, not_before=self.old)
        if not self.old:
            self._kick_by_new_token(user, platform, token)
        self.statuses.setdefault((user, platform), {})[token] = NORMAL
        return token

    def admin_token(self, user: str) -> str:
        """3.8's: on no record, good by its signature alone."""
        return self.jwt.make(user, ADMIN, not_before=False)

    def _kick_by_new_token(self, user: str, platform: int, token: str) -> None:
        """3.8's rules when a token is made, by policy."""
        if self.policy == 0:
            self._keep(user, [platform], _MOST_TOKENS_OF_A_PLATFORM - 1, token)
        elif self.policy == 1:
            self._keep(user, [platform], 0, token)
            for other in PLATFORMS:
                if other != platform:
                    self._keep(user, [other], 1, token)
        elif self.policy == 4:
            for name in set(_CLASSES_8.values()):
                members = [each for each, its_class in _CLASSES_8.items() if its_class == name]
                self._keep(user, members, 0 if name == _CLASSES_8[platform] else 1, token)
        elif self.policy == 5 and platform not in PC:
            self._keep(user, [each for each in PLATFORMS if each not in PC], 0, token)

    def _keep(self, user: str, platforms: list[int], most: int, spared: str) -> None:
        """Marks all but the newest `most` good tokens of those platforms as kicked."""
        good = [
            (platform, token)
            for platform in platforms
            for token, status in self.statuses.get((user, platform), {}).items()
            if status == NORMAL and token != spared
        ]
        for platform, token in good[: max(0, len(good) - most)]:
            self.statuses[user, platform][token] = KICKED

    def kick_tokens(self, user: str, platform: int, *, except_for: str | None = None) -> None:
        for token in self.statuses.get((user, platform), {}):
            if token != except_for:
                self.statuses[user, platform][token] = KICKED

    def kick_token(self, user: str, platform: int, token: str) -> None:
        if token in self.statuses.get((user, platform), {}):
            self.statuses[user, platform][token] = KICKED

    def check(self, token: str) -> tuple[str, int, int]:
        """Whose token it is, if it is good."""
        user, platform, expiry = self.jwt.read(token)
        if user in self.admins and not self.old:
            return user, platform, expiry
        status = self.statuses.get((user, platform), {}).get(token)
        if status is None:
            raise OpenIMError(1507)
        if status == KICKED:
            raise OpenIMError(1506)
        return user, platform, expiry

    # What the gateway asks.

    def kicked_by_login(self, platform: int, online: list[int]) -> set[int]:
        """The platforms, of those online, whose connections a login on `platform` kicks."""
        if self.policy == 1:
            return {platform} & set(online)
        if self.policy == 4 and not self.old:
            return {each for each in online if _CLASSES_8[each] == _CLASSES_8[platform]}
        if self.policy == 5 and platform not in PC:
            return {platform} & set(online)
        return set()
