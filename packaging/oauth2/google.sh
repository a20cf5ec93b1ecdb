#!/bin/bash
# Gets a token for sending mail through Google, and puts it where Konvolutt reads it. README.md says how.
# CLIENT_ID comes from /etc/konvolutt/oauth2.env, the secrets from the credentials `client-secret` and `refresh-token`.
set -euo pipefail
umask 027
url=${TOKEN_URL:-https://oauth2.googleapis.com/token}
secret() { tr -d '\r\n' <"$CREDENTIALS_DIRECTORY/$1"; }
answer=$(curl --silent --show-error --fail-with-body --max-time 30 --retry 3 "$url" \
  --data-urlencode grant_type=refresh_token \
  --data-urlencode refresh_token@<(secret refresh-token) \
  --data-urlencode "client_id=${CLIENT_ID:?}" \
  --data-urlencode client_secret@<(secret client-secret)) || { echo "no token: $answer" >&2; exit 1; }
token=$(sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p' <<<"$answer")
[ -n "$token" ] || { echo "the answer holds no access_token" >&2; exit 1; }
# In one step: whoever reads the file gets the old token or the new one, whole.
printf '%s\n' "$token" >"$RUNTIME_DIRECTORY/.mail.new"
mv "$RUNTIME_DIRECTORY/.mail.new" "$RUNTIME_DIRECTORY/mail"
