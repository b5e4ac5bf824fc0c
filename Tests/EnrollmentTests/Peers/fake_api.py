"""OpenIM's REST API as far as an enrollment sees it, on a port of 127.0.0.1, and badly behaved where it is told to.

Answers on standard input's JSON lines with its state, and ends with it. Line: {"fault": {"path": P, "kind": K, "times": N}}
(times -1: always) or {}; the first answer is given unasked.
"""
import base64
import hashlib
import hmac
import http.server
import json
import sys
import threading
import time

settings = json.loads(sys.argv[1])
is_3_8 = settings.get("version", "3.8.3") == "3.8.3"
secret = settings.get("secret", "openIM123")
admin = "imAdmin" if is_3_8 else "openIMAdmin"
lock = threading.Lock()
users = set(settings.get("existing", []))
tokens = {}
faults = []
state = {"calls": {}, "busy": 0, "max_busy": 0, "operations": 0, "batches": [], "issued": 0, "connections": 0}
operations = set()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(user, platform):
    with lock:
        state["issued"] += 1
        number = state["issued"]
    now = int(time.time())
    claims = {"UserID": user, "PlatformID": platform, "exp": now + settings.get("life", 7776000), "iat": now, "n": number}
    text = b64(b'{"alg":"HS256","typ":"JWT"}') + "." + b64(json.dumps(claims).encode())
    return text + "." + b64(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())


def refused(code, message, detail=""):
    return {"errCode": code, "errMsg": message, "errDlt": detail}


def good(data=None):
    answer = {"errCode": 0, "errMsg": "", "errDlt": ""}
    if data is not None:
        answer["data"] = data
    return answer


def register(body, token):
    if is_3_8:
        if not is_admin(token):
            return refused(1501, "TokenExpiredError")
    elif body.get("secret") != secret:
        return refused(1002, "NoPermissionError", "secret invalid")
    wanted = [user["userID"] for user in body["users"]]
    if any(not user.get("nickname") for user in body["users"]) or len(set(wanted)) != len(wanted):
        return refused(1001, "ArgsError")
    if any(":" in user or (is_3_8 and not user.replace("_", "a").isalnum()) for user in wanted):
        return refused(1001, "ArgsError", "userID is legal")
    with lock:
        state["batches"].append(len(wanted))
        if any(user in users for user in wanted):
            return refused(1102, "RegisteredAlreadyError", "userID registered already")
        users.update(wanted)
    return good()


def is_admin(token):
    return token is not None and tokens.get(token) == (admin, 10)


def issue(user, platform):
    token = jwt(user, platform)
    with lock:
        for old in [t for t, who in tokens.items() if who == (user, platform)] if settings.get("kicks") else []:
            del tokens[old]
        tokens[token] = (user, platform)
    return good({"token": token, "expireTimeSeconds": 7776000})


def admin_token(body, token):
    if body.get("secret") != secret:
        return refused(1002, "NoPermissionError", "secret invalid " + str(body.get("secret")))
    if body.get("userID") != admin:
        return refused(1001, "ArgsError", "userID is error")
    return issue(admin, 10)


def user_token(body, token):
    if is_3_8:
        if not is_admin(token):
            return refused(1507, "TokenNotExistError")
        if body["platformID"] == 10:
            return refused(1002, "NoPermissionError")
    elif body.get("secret") != secret:
        return refused(1002, "NoPermissionError", "secret invalid")
    if body["userID"] not in users and body["userID"] != admin:
        return refused(1004, "RecordNotFoundError")
    return issue(body["userID"], body["platformID"])


def account_check(body, token):
    if not is_admin(token):
        return refused(1002, "NoPermissionError")
    names = ["unregistered", "registered"]
    results = []
    for user in body["checkUserIDs"]:
        there = int(user in users)
        results.append({"userID": user, "accountStatus": there if is_3_8 else names[there]})
    return good({"results": results})


def online_status(body, token):
    if not is_admin(token):
        return refused(1002, "NoPermissionError")
    online = settings.get("online", [])
    words = [0, 1] if is_3_8 else ["offline", "online"]
    return good([{"userID": user, "status": words[int(user in online)]} for user in body["userIDs"]])


routes = {"/user/user_register": register, "/user/account_check": account_check,
          "/user/get_users_online_status": online_status}
if is_3_8:
    routes["/auth/get_admin_token"] = admin_token
    routes["/auth/get_user_token"] = user_token
else:
    routes["/auth/user_token"] = user_token


def take_fault(path):
    with lock:
        for fault in faults:
            if fault["path"] == path and fault["times"] != 0:
                if fault.get("after", 0) > 0:
                    fault["after"] -= 1
                    continue
                fault["times"] -= 1
                return fault["kind"]
    return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        with lock:
            state["connections"] += 1

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        with lock:
            state["calls"][self.path] = state["calls"].get(self.path, 0) + 1
            state["busy"] += 1
            state["max_busy"] = max(state["max_busy"], state["busy"])
        try:
            time.sleep(settings.get("delay", 0))
            self.serve(text)
        finally:
            with lock:
                state["busy"] -= 1

    def serve(self, text):
        fault = take_fault(self.path)
        if fault == "reset":
            self.close_connection = True
            return
        if fault == "hang":
            time.sleep(3)
            self.close_connection = True
            return
        if fault == "html":
            self.send(502, "text/html", b"<html>\n<head><title>502 Bad Gateway</title></head>\x1b[2J nginx" + b"." * 500)
            return
        if fault == "echo":
            self.send(403, "text/html", b"you sent: " + text + b" token: " + str(self.headers["token"]).encode())
            return
        if fault is not None and fault.startswith("code "):
            self.answer(refused(int(fault[5:]), "rpc error"))
            return
        if fault == "list":
            self.send(200, "application/json", b"[1,2,3]")
            return
        if fault == "no data":
            self.answer(good({"other": 1}))
            return
        route = routes.get(self.path)
        if route is None:
            self.send(404, "text/plain", b"404 page not found")
            return
        operation = self.headers["operationID"]
        if not operation:
            self.answer(refused(1001, "ArgsError", "header must have operationID"))
            return
        with lock:
            operations.add(operation)
            state["operations"] += 1
        answer = route(json.loads(text), self.headers["token"])
        if fault == "lose":
            self.close_connection = True
            return
        self.answer(answer)

    def answer(self, value):
        self.send(200, "application/json; charset=utf-8", json.dumps(value).encode())

    def send(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


def report():
    with lock:
        text = json.dumps(dict(
            port=server.server_address[1], users=len(users), distinctOperations=len(operations), calls=state["calls"],
            maxBusy=state["max_busy"], operations=state["operations"], batches=len(state["batches"]),
            issued=state["issued"], connections=state["connections"]))
    print(text, flush=True)


report()
for line in sys.stdin:
    command = json.loads(line)
    with lock:
        if "fault" in command:
            faults.append(command["fault"])
        if "remove_faults" in command:
            faults.clear()
        if "life" in command:
            settings["life"] = command["life"]
    report()
