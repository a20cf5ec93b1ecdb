#!/bin/bash
# Gets a token for sending mail through Microsoft 365, and puts it where Konvolutt reads it. README.md says how.
# TENANT and CLIENT_ID come from /etc/konvolutt/oauth2.env, the secret from the credential `client-secret`.
set -euo pipefail
umask 027
url=${TOKEN_URL:-https://login.microsoftonline.com/${TENANT:?}/oauth2/v2.0/token}
secret() { tr -d '\r\n' <"$CREDENTIALS_DIRECTORY/$1"; }
answer=$(curl --silent --show-error --fail-with-body --max-time 30 --retry 3 "$url" \
  --data-urlencode grant_type=client_credentials \
  --data-urlencode scope=https://outlook.office365.com/.default \
  --data-urlencode "client_id=${CLIENT_ID:?}" \
  --data-urlencode client_secret@<(secret client-secret)) || { echo "no token: $answer" >&2; exit 1; }
token=$(sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p' <<<"$answer")
[ -n "$token" ] || { echo "the answer holds no access_token" >&2; exit 1; }
# In one step: whoever reads the file gets the old token or the new one, whole.
printf '%s\n' "$token" >"$RUNTIME_DIRECTORY/.mail.new"
mv "$RUNTIME_DIRECTORY/.mail.new" "$RUNTIME_DIRECTORY/mail"
