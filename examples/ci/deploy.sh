#!/bin/sh
# Previews and deploys the pictures of this folder; the workflow beside it runs nothing else.
#
#   ./deploy.sh preview   says what a deployment would bill, and bills nothing
#   ./deploy.sh up        previews, and deploys exactly what that preview planned
#   ./deploy.sh bill      prints the last bill, as out/comment.md has it for a pull request
#
# From the environment: PULUMI_BACKEND_URL, where state is kept: postgres://…, s3://… or another backend of Pulumi;
# PULUMI_CONFIG_PASSPHRASE; for `up` the keys (docs/credentials.md); STACK, by default prod;
# TENCENT_AIGC_JOURNAL_DIR, a folder that the next run has again.
set -eu
cd "$(dirname "$0")"

stack=${STACK:-prod}
out=$PWD/out
plan=$out/plan.json
export TENCENT_AIGC_BILL_FILE="$out/bill.json"
mkdir -p "$out"

preview() {
  rm -f "$TENCENT_AIGC_BILL_FILE" "$plan"
  pulumi stack select "$stack" --create --non-interactive
  pulumi preview --stack "$stack" --non-interactive --save-plan "$plan"
}

bill() {
  if [ -f "$TENCENT_AIGC_BILL_FILE" ]; then
    npx pulumi-tencent-aigc bill "$TENCENT_AIGC_BILL_FILE" --markdown >"$out/comment.md"
  else
    printf '%s\n\n%s\n' '<!-- pulumi-tencent-aigc bill -->' 'No picture was looked at, so nothing is billed.' >"$out/comment.md"
  fi
  # The bill says what the package has refused. Of a program that fails by itself only the log tells why.
  [ -f "$plan" ] || printf '\n%s\n' 'No preview of this has succeeded, so nothing of it can be deployed.' >>"$out/comment.md"
  cat "$out/comment.md"
}

case ${1:-} in
preview) preview ;;
up)
  : "${PULUMI_BACKEND_URL:?names where state is kept: without it a second run would know nothing of the first}"
  preview
  # It takes the place of the shell, so that a cancelled job reaches it: it then ends in order, and state is kept.
  exec pulumi up --stack "$stack" --non-interactive --plan "$plan" --skip-preview --yes --continue-on-error
  ;;
bill) bill ;;
*)
  sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2
  exit 2
  ;;
esac
