#!/usr/bin/env bash
# clients.sh [CLIENT...]: programs that others wrote, against our server; default: all of them.
#
# Each CLIENT has a function `prepare_CLIENT`, which makes what it needs below build/clients and
# exports where that is, and a test, workflow/tests/test_client_CLIENT.py. The tests run where
# nothing but loopback can be reached, with PYTEST_ARGS.
set -euo pipefail
cd "$(dirname "$0")/../.."
ALL=(atopile kicad)
FOLDER=$PWD/build/clients

need() { # need COMMAND PACKAGE
  command -v "$1" >/dev/null || { echo "clients.sh: $1 is missing: install $2" >&2; exit 2; }
}

# A Debian of the unstable release in FOLDER/NAME, with the packages named: whole or not there.
make_system() { # make_system NAME PACKAGE...
  [ "$(id -u)" = 0 ] || { echo 'clients.sh: debootstrap and chroot need root' >&2; exit 2; }
  need debootstrap debootstrap
  local root=$FOLDER/$1 log=$FOLDER/$1.log mirror
  [ ! -e "$root" ] || return 0
  echo "clients.sh: making a Debian in $root"
  rm -rf "$root.part"
  mkdir -p "$FOLDER"
  # This machine's own mirror, which is near.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/' || true)
  { debootstrap --variant=minbase sid "$root.part" ${mirror:+"$mirror"} &&
    DEBIAN_FRONTEND=noninteractive chroot "$root.part" apt-get install -y --no-install-recommends "${@:2}" &&
    rm -f "$root.part"/var/cache/apt/archives/*.deb
  } >"$log" 2>&1 || { tail -20 "$log"; exit 1; }
  mv "$root.part" "$root"
}

# Debian with Python 3.14, and atopile below /opt/atopile: needs root, 0.8 GB.
prepare_atopile() {
  local root=$FOLDER/sid
  make_system sid python3 git
  mkdir -p "$root/home/user"
  if ! cmp -s envs/atopile.txt "$root/opt/atopile.txt"; then
    rm -rf "$root/opt/atopile"
    echo 'clients.sh: installing atopile'
    .venv/bin/uv pip install --quiet --require-hashes --python-version 3.14 \
      --python-platform x86_64-manylinux_2_36 --target "$root/opt/atopile" -r envs/atopile.txt
    cp envs/atopile.txt "$root/opt/atopile.txt"
  fi
  mount -t proc proc "$root/proc"
  mount --bind /dev "$root/dev"
  export COMPONENTS_ATOPILE=$root
}

# Debian with KiCad 10, a display and SQLite's ODBC driver: needs root, 2.5 GB.
prepare_kicad() {
  make_system kicad kicad kicad-symbols kicad-footprints xvfb xdotool openbox libsqliteodbc \
    fonts-dejavu-core
  mount -t proc proc "$FOLDER/kicad/proc"
  export COMPONENTS_KICAD=$FOLDER/kicad
}

if [ -z "${IN_NAMESPACE:-}" ]; then
  # Mounts of its own, which end with the script however it ends.
  IN_NAMESPACE=1 exec unshare --mount --propagation private bash "$PWD/workflow/tests/clients.sh" "$@"
fi
need ip iproute2
[ $# -gt 0 ] || set -- "${ALL[@]}"
for client in "$@"; do
  "prepare_$client"
done
tests=("${@/#/workflow/tests/test_client_}")
exec unshare --net bash -c 'ip link set lo up && exec "$@"' tests \
  .venv/bin/python -m pytest -n 0 "${tests[@]/%/.py}" ${PYTEST_ARGS:-}
