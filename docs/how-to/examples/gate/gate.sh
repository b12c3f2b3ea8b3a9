#!/bin/sh
# gate.sh SUBJECT ENVIRONMENT: go on only when the gate lets exactly this in. 0: go on, 5: refused, others: not answered.
# HEADWAY_URL and HEADWAY_TOKEN say whom to ask and as which service.
set -u
headway gate check "$1" --environment "$2" --to admission.json
code=$?
case $code in
  0) echo "gate: $1 may go to $2" ;;
  5) echo "gate: $1 may not go to $2; the reasons are above, and in the ledger" >&2 ;;
  *) echo "gate: no answer, so nothing is deployed" >&2 ;;
esac
exit $code
