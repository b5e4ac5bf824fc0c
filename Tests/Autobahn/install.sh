#!/bin/sh
# install.sh [FOLDER]: Autobahn's WebSocket test suite in FOLDER (default: .build/tools/autobahn of this repository).
#
# The suite runs on Python 2.7 only, which Debian 11 was the last to have: its packages are unpacked, not installed,
# so nothing outside FOLDER changes. Needs apt, gcc with libc6-dev, the Python package index, and half a minute once.
# Makes FOLDER/wstest; does nothing, quickly, when that is there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=${1:-$root/.build/tools/autobahn}
[ ! -x "$folder/wstest" ] || exit 0

suite=25.10.1
python27_packages="python2.7 python2.7-minimal libpython2.7-stdlib libpython2.7-minimal libpython2.7-dev libffi7 libssl1.1"
# The last releases for Python 2.7. wsaccel: the newest whose archive holds its C files.
bootstrap="pip==20.3.4 setuptools==44.1.1 wheel==0.37.1"
packages="autobahntestsuite==$suite wsaccel==0.6.2"

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
log=$folder/install.log
: >"$log"
step() { echo "autobahn: $1" | tee -a "$log" >&2; }
trap '[ $? = 0 ] || { tail -n 15 "$log" >&2; echo "autobahn: not installed; the whole log is $log" >&2; }' EXIT

step "unpacking Debian 11's Python 2.7 into $folder"
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -n -e 's/^URIs: *\([^ ]*\/debian\/*\)\( .*\)*$/\1/p' -e 's/^deb .*\(https*:[^ ]*\/debian\/*\) .*/\1/p' | head -n 1)
[ -n "$mirror" ] || { step "no Debian mirror in this machine's apt sources" && exit 1; }
apt=$folder/apt
# What an interrupted installation left.
rm -rf "$apt" "$folder/python" "$folder/modules" "$folder/wheels"
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/archives"
printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s bullseye main\n' "$mirror" >"$apt/sources.list"
# A state of its own: the system's package lists stay as they are.
private_apt() {
    apt-get -q -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$apt/state/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User="$(id -un)" "$@" \
        >>"$log" 2>&1
}
private_apt update
# shellcheck disable=SC2086  # lists of words, here and below
(cd "$apt/archives" && private_apt download $python27_packages)
for archive in "$apt"/archives/*.deb; do dpkg-deb -x "$archive" "$folder/python"; done
rm -rf "$apt"

python=$folder/python/usr/bin/python2.7
modules=$folder/modules
libraries=$(echo "$folder"/python/usr/lib/*-linux-gnu*)
export LD_LIBRARY_PATH="$libraries" PYTHONPATH="$modules"
headers=$folder/python/usr/include
step "installing autobahntestsuite $suite from the Python package index"
wheels=$folder/wheels
pip_of_python3=$("$root/tools/install-python" 2>>"$log")
env -u LD_LIBRARY_PATH -u PYTHONPATH "$pip_of_python3" -m pip download -q --disable-pip-version-check --no-deps \
    --python-version 2.7 --only-binary=:all: -d "$wheels" $bootstrap >>"$log" 2>&1
for wheel in "$wheels"/*.whl; do
    env -u LD_LIBRARY_PATH -u PYTHONPATH "$pip_of_python3" -m zipfile -e "$wheel" "$modules" >>"$log" 2>&1
done
C_INCLUDE_PATH=$headers:$headers/python2.7 "$python" -m pip install -q --disable-pip-version-check \
    --no-python-version-warning --no-cache-dir --target "$modules" $packages >>"$log" 2>&1
# With --target the namespace package has no file that makes it one.
: >>"$modules/zope/__init__.py"
"$python" -c 'import autobahntestsuite' >>"$log" 2>&1
rm -rf "$wheels"

cat >"$folder/wstest.new" <<WSTEST
#!/bin/sh
LD_LIBRARY_PATH='$libraries' PYTHONPATH='$modules' PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
export LD_LIBRARY_PATH PYTHONPATH PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE
exec '$python' '$here/wstest_on_loopback.py' "\$@"
WSTEST
chmod +x "$folder/wstest.new"
mv "$folder/wstest.new" "$folder/wstest"
step "ready"
