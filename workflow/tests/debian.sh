#!/usr/bin/env bash
# debian.sh [FOLDER]: the second day of an ordinary user on a fresh Debian 12 and a fresh Debian 13.
#
# Makes both with debootstrap below FOLDER (default: a temporary one, removed afterwards), installs
# what the README asks for and nothing else, and does as a user would, without root: a first run, a
# changed source, `make daily`, an artifact switched on, a second checkout on the same cache,
# `make rollback`. Then root adds the tools of CI's tests (envs/tools.txt) and the user types
# `make test`; what is skipped there is SLURM's, whose daemons root has to start, KiCad 6's where the
# release has KiCad 9, and what is skipped in CI. Both must give the same snapshot after each step.
# Needs root, 10 GB and an hour; TESTS=0 leaves `make test` out. DEBIAN=trixie does one alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
read -ra RELEASES <<<"${DEBIAN:-bookworm trixie}"
NEEDED=python3,python3-venv,make,git,curl,zstd,ca-certificates

if [ -z "${IN_NAMESPACE:-}" ]; then
  [ "$(id -u)" = 0 ] || { echo 'debian.sh: debootstrap and chroot need root' >&2; exit 2; }
  command -v debootstrap >/dev/null || { echo 'debian.sh: install debootstrap' >&2; exit 2; }
  # Mounts of its own, which end with the script however it ends.
  IN_NAMESPACE=1 exec unshare --mount --propagation private bash "$PWD/workflow/tests/debian.sh" "$@"
fi

if [ $# -gt 0 ]; then
  FOLDER=$1
  mkdir -p "$FOLDER"
else
  FOLDER=$(mktemp -d)
  trap 'rm -rf "$FOLDER"' EXIT
fi
# This machine's own mirror, which is near.
MIRROR=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/' || true)

make_system() { # make_system RELEASE: a system with what the README asks for, and a user
  local root=$FOLDER/$1
  if [ ! -e "$root/home/user" ]; then
    rm -rf "$root"
    debootstrap --variant=minbase --include="$NEEDED" "$1" "$root" ${MIRROR:+"$MIRROR"} >"$FOLDER/$1.debootstrap" 2>&1 ||
      { tail -20 "$FOLDER/$1.debootstrap"; exit 1; }
    chroot "$root" useradd --create-home --shell /bin/bash user
  fi
  # How this machine reaches its package indexes.
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  rm -rf "$root/home/user/"{first,second,shared,.cache/snakemake}
  git clone --quiet --no-hardlinks . "$root/home/user/first"
  [ ! -d ../shared ] || cp -r ../shared "$root/home/user/shared"
  chroot "$root" chown -R user: /home/user
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/tmp"
}

as_user() { # as_user RELEASE COMMAND: in the system, without root
  chroot --userspec=user:user "$FOLDER/$1" env -i HOME=/home/user USER=user LOGNAME=user \
    LANG=C.UTF-8 PATH=/usr/bin:/bin:/usr/sbin ${PIP_CERT:+PIP_CERT=/etc/ssl/certs/ca-certificates.crt} \
    ${PIP_DEFAULT_TIMEOUT:+PIP_DEFAULT_TIMEOUT="$PIP_DEFAULT_TIMEOUT"} \
    ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt} \
    COMPONENTS_SMALL_DISK=/home/user/disk \
    bash -c "set -euo pipefail; cd ~/first; $2"
}

step() { # step RELEASE NAME COMMAND: run it, note its time and the snapshot that is then current
  local start status=0 name
  start=$(date +%s)
  as_user "$1" "$3" >"$FOLDER/$1.log" 2>&1 || status=$?
  name=$(as_user "$1" 'readlink results/snapshots/current || true')
  printf '%-9s %-34s %5d s  %s\n' "$1" "$2" "$(($(date +%s) - start))" "${name:-none}"
  [ "$status" = 0 ] || { tail -40 "$FOLDER/$1.log"; echo "debian.sh: $1: $2 failed" >&2; exit 1; }
  echo "$2: $name" >>"$FOLDER/$1.names"
}

second_day() { # second_day RELEASE
  : >"$FOLDER/$1.names"
  step "$1" 'make run' 'make run'
  step "$1" 'make run, nothing to do' 'make run'
  step "$1" 'a changed source' \
    'printf "%s\n" "upstream: {bundled_parts: 1000}" "stage1: {artifacts: {model_obj: false}}" >changed.yaml
     make run CONFIG=changed.yaml'
  step "$1" 'make daily' 'make daily CONFIG=changed.yaml'
  step "$1" 'an artifact switched on' \
    'sed -i "s/model_obj: false/model_obj: true/" changed.yaml; make run CONFIG=changed.yaml'
  step "$1" 'a second checkout, the same cache' \
    'git clone -q . ~/second; cd ~/second; cp ~/first/changed.yaml .
     echo "paths: {cache_dir: /home/user/first/results}" >>changed.yaml; make run CONFIG=changed.yaml'
  step "$1" 'make rollback' 'make rollback'
  step "$1" 'make verify' 'make verify'
  [ "${TESTS:-1}" = 0 ] || run_tests "$1"
}

run_tests() { # run_tests RELEASE: with every tool that CI has
  local packages unexpected
  packages=$(sed 's/ *#.*//; /^$/d; s/^[^ ]* *//' envs/tools.txt)
  echo "$1: installing the tools of the tests"
  # shellcheck disable=SC2086 -- a list of packages
  { chroot "$FOLDER/$1" apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive chroot "$FOLDER/$1" apt-get install -y --no-install-recommends $packages
  } >"$FOLDER/$1.log" 2>&1 || { tail -20 "$FOLDER/$1.log"; exit 1; }
  mkdir -p "$FOLDER/$1/home/user/disk"
  mount -t tmpfs -o "size=32m,uid=$(chroot "$FOLDER/$1" id -u user)" tmpfs "$FOLDER/$1/home/user/disk"
  step "$1" 'make kicad' 'make kicad'
  step "$1" 'make test' 'make test ARGS=-rs'
  grep -E '^(SKIPPED|=+ .* in )' "$FOLDER/$1.log" || true
  unexpected=$(grep '^SKIPPED' "$FOLDER/$1.log" | grep -vE 'SLURM|--pictures|test_client_|empty parameter set|this KiCad is 9' || true)
  [ -z "$unexpected" ] || { echo "debian.sh: $1: skipped for want of a tool" >&2; exit 1; }
}

for release in "${RELEASES[@]}"; do
  make_system "$release"
  second_day "$release"
  du -sh "$FOLDER/$release/home/user/first/.venv" | sed "s|$FOLDER/||"
done
[ "${#RELEASES[@]}" -gt 1 ] || exit 0
diff "$FOLDER/${RELEASES[0]}.names" "$FOLDER/${RELEASES[1]}.names" ||
  { echo 'debian.sh: the two releases give different snapshots' >&2; exit 1; }
echo "debian.sh: ${RELEASES[*]} give the same snapshots"
