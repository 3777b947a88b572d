"""The scripts by which pods wait for Jobs, and a Job finds out that its work was completed before.

They run in an image with a POSIX shell and kubectl. All that they need to know are their arguments; nothing is written
into their text. Each fails when a step fails that it can't do without, and ends at once when its pod has to go.

The notes of a release are the entries of one ConfigMap: a key for each work that was completed. An overlay of
Kustomize can give a Job another image and no new name, and with another image it does another work. So where a Job has
not the image that it was published with, a hash of that image is part of the key.
"""

from __future__ import annotations

from fairlead.publish.chart.jobs import WORK_DIGITS

# What takes long runs in the background, because a shell heeds no signal while it waits for a command.
_SHARED = r"""
set -eu
trap 'exit 143' TERM
pause() {
  sleep "$1" &
  wait "$!"
}
find_key() {
  key=$work
  if [ -n "$1" ] && [ "$1" != "$published" ]; then
    sum=$(printf %s "$1" | sha256sum)
    key=$work-$(printf %.12s "$sum")
  fi
}
image_of_job='{.spec.template.spec.containers[?(@.name=="'$container'")].image}{"\n"}'
"""

#: Ends when the Job is complete, or noted as completed; fails when the Job has failed.
#:
#: Its arguments: the Job, the ConfigMap of the notes, the key of the Job's work, the image and the name of its
#: container, and whether it runs: ``auto``, ``always`` (so no note counts) or ``never``.
WAIT_FOR_JOB = (
    f"job=$1 notes=$2 work=$3 published=$4 container=$5 run=$6{_SHARED}"
    + r"""
is_noted() {
  note=$(kubectl get "configmap/$notes" --ignore-not-found --output="jsonpath={.data['$key']}") || return 1
  [ -n "$note" ]
}
write_note() {
  if is_noted; then return; fi
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  if kubectl patch "configmap/$notes" --type=merge --patch='{"data":{"'"$key"'":"'"$now"'"}}'; then return; fi
  there=$(kubectl get "configmap/$notes" --ignore-not-found --output=name)
  if [ -n "$there" ]; then exit 1; fi
  echo "the ConfigMap $notes is gone, so nothing notes that $job is complete; the next upgrade creates it" >&2
}
has_condition() {
  case "
$seen
" in
  *"
$1
"*) return 0 ;;
  esac
  return 1
}
may_not_look() {
  [ -z "$seen" ] && ! kubectl auth can-i get "jobs.batch/$job" --quiet
}

if [ "$run" = never ]; then
  echo "$job is set never to run"
  exit 0
fi
conditions='{range .status.conditions[?(@.status=="True")]}{.type}{"\n"}{end}'
refusals=0
while :; do
  # Why a Job can't be read is told by `kubectl wait` below.
  seen=$(kubectl get "job/$job" --ignore-not-found --output="jsonpath=$image_of_job$conditions" 2>/dev/null) || seen=
  image=$(printf '%s\n' "$seen" | head -n 1)
  find_key "$image"
  if has_condition Complete; then
    write_note
    exit 0
  fi
  # A pod that may not look at its Job is of an older revision: its Role names the Jobs of the newest one.
  if [ "$run" != auto ] && may_not_look; then refusals=$((refusals + 1)); else refusals=0; fi
  if { [ "$run" = auto ] || [ "$refusals" -ge 3 ]; } && is_noted; then
    echo "$job was completed at $note"
    exit 0
  fi
  if has_condition Failed; then
    echo "$job has failed" >&2
    exit 1
  fi
  kubectl wait "job/$job" --for=condition=Complete --timeout=30s &
  wait "$!" || pause 2
done
"""
)

#: Ends when the Job has to run. Where it has not, the script marks the Job as complete, and waits to be ended with it.
#:
#: Its arguments: the ConfigMap of the notes, the key of the Job's work, the image and the name of its container, and
#: whether it runs, as above. The variable ``JOB_NAME`` has the name of the Job, which can't be part of its own pods.
SKIP_IF_COMPLETED = (
    f"notes=$1 work=$2 published=$3 container=$4 run=$5 digits={WORK_DIGITS}{_SHARED}"
    + r"""
# A pod may be older than its rights.
again() {
  tries=0
  until kubectl "$@"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 15 ]; then return 1; fi
    pause 2
  done
}
# A Job is set always to run where the notes are wrong, such as after a restore.
forget_notes() {
  all=$(again get "configmap/$notes" --ignore-not-found --output='jsonpath={.data}')
  forgotten=
  for word in $(printf %s "$all" | tr -c a-z0-9- ' '); do
    case $word in
    "$container"-*)
      hash=${word#"$container"-}
      hash=${hash%%-*}  # of another Job, whose name begins like this one's, it is a part of that name
      if [ "${#hash}" -eq "$digits" ]; then forgotten="$forgotten,\"$word\":null"; fi
      ;;
    esac
  done
  if [ -n "$forgotten" ]; then
    again patch "configmap/$notes" --type=merge --patch='{"data":{'"${forgotten#,}"'}}'
  fi
}

case $run in
always)
  echo "$JOB_NAME is set always to run, so what is noted of it is forgotten"
  forget_notes
  exit 0
  ;;
never)
  reason='it is set never to run'
  ;;
*)
  image=$(again get "job/$JOB_NAME" --output="jsonpath=$image_of_job")
  find_key "$image"
  note=$(again get "configmap/$notes" --ignore-not-found --output="jsonpath={.data['$key']}")
  if [ -z "$note" ]; then
    echo "$JOB_NAME has to run: nothing notes that its work was completed before"
    exit 0
  fi
  reason="its work was completed at $note"
  ;;
esac
echo "$JOB_NAME does not run: $reason"
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
condition='{"type":"SuccessCriteriaMet","status":"True","lastTransitionTime":"'"$now"'","reason":"NothingToDo","message":"'"$reason"'"}'
status='{"status":{"succeeded":1,"conditions":['"$condition"']}}'
again patch "job/$JOB_NAME" --subresource=status --patch="$status" || echo "the status of $JOB_NAME can't be set" >&2
# That ends the Job. A Kubernetes before 1.31 takes no notice of it.
pause 10
echo "$JOB_NAME has not ended, so it is suspended"
again patch "job/$JOB_NAME" --patch='{"spec":{"suspend":true}}'
while :; do pause 3600; done
"""
)
