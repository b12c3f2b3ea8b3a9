#!/bin/sh
# gate-curl.sh SUBJECT ENVIRONMENT: the same with curl alone. 0: go on, 5: refused, others: not answered.
set -eu
answer=$(curl --silent --show-error --fail --max-time 30 \
  --header "authorization: Bearer $HEADWAY_TOKEN" --header "content-type: application/json" \
  --data "{\"subject\": \"$1\", \"environment\": \"$2\"}" "$HEADWAY_URL/api/v1/admissions")
printf '%s\n' "$answer" > admission.json
case $answer in
  '{"admission":'*'"allowed":true,'*'"envelope":'*) exit 0 ;;
esac
printf '%s\n' "$answer" >&2
exit 5
