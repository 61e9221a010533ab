# Sourced: exports CHROMIUM, a browser for tests; installs Debian's if there is none.

browser() { command -v chromium || command -v google-chrome || command -v chromium-browser; }
if ! CHROMIUM=${CHROMIUM:-$(browser)}; then
  echo "Installing Debian's Chromium"
  as_root() { if [[ $EUID == 0 ]]; then "$@"; else sudo "$@"; fi; }
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -qq -y --no-install-recommends chromium >/dev/null
  CHROMIUM=$(browser)
fi
export CHROMIUM
