#!/usr/bin/env bash
# KiCad 9 in a folder of its own, beside whatever KiCad the system has: envs/kicad.sh FOLDER
# Unpacks Debian 13's packages (about 210 MB to fetch, 1.2 GB on disk) without installing them, KiCad's
# own symbols and footprints among them, and lets kicad-cli find its libraries there. Needs apt, dpkg
# and patchelf, and no root.
set -euo pipefail
folder=$(realpath -m "${1:?usage: envs/kicad.sh FOLDER}")
cli=$folder/usr/bin/kicad-cli
suite=trixie
[ -e "$folder/.with-libraries" ] && exec "$cli" version

# The mirror that this system installs from; on one that is not Debian, say which.
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' |
  awk '$1 == "Debian" && $2 !~ /security/ { print $2; exit }')}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -n "$mirror" ] || { echo 'no Debian mirror is known here: name one in DEBIAN_MIRROR' >&2; exit 1; }
[ -e "$keys" ] || { echo "$keys is missing: install debian-archive-keyring" >&2; exit 1; }

rm -rf "$folder"
apt=$folder.apt
mkdir -p "$folder" "$apt/lists/partial" "$apt/archives/partial"
trap 'rm -rf "$apt"' EXIT
echo "deb [signed-by=$keys] $mirror $suite main" > "$apt/sources.list"
touch "$apt/status"
cat > "$apt/apt.conf" <<CONF
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::Archives "$apt/archives";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Debug::NoLocking "1";
CONF
export APT_CONFIG=$apt/apt.conf
apt-get update -qq
apt-get install --download-only -y -qq kicad kicad-symbols kicad-footprints > /dev/null
find "$apt/archives" -name '*.deb' -print0 | xargs -0 -P "$(nproc)" -I{} dpkg -x {} "$folder"

libraries=$folder/usr/lib/x86_64-linux-gnu
loader=$(find "$folder/usr/lib64" "$folder/usr/lib" -name 'ld-linux*.so*' | head -1)
[ -d "$libraries" ] || libraries=$(dirname "$(find "$folder/usr/lib" -name 'libc.so.6' | head -1)")
patchelf --set-interpreter "$loader" --force-rpath \
  --set-rpath "$libraries:$libraries/blas:$libraries/lapack" "$cli"
touch "$folder/.with-libraries"
exec "$cli" version
