#!/bin/sh
# Keeps one component running: supervise.sh STATE LOG COMMAND…
# A shell of about 1 MB that sleeps in wait(2) costs less than any supervisor we could write. What it knows stands in the
# file STATE, in one write. A component that ran for a while is restarted at once; one that dies within two seconds of its
# start, for the second time in a row and more, after 1, 2, 4 … 30 s.
state=$1 log=$2
shift 2
restarts=0 delay=0 child='' code='' ending='' nap=''
ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -H -n)"
cd /

uptime() { read -r now _ </proc/uptime; now=${now%.*}; }
report() {
  printf 'phase=%s\nsupervisor=%s\npid=%s\nrestarts=%s\nexit=%s\nsince=%s\n' \
    "$1" "$$" "$child" "$restarts" "$code" "$now" >"$state"
}
end() {
  ending=1
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
  [ -z "$nap" ] || kill "$nap" 2>/dev/null
}
trap end TERM INT
trap '' HUP

while [ -z "$ending" ]; do
  uptime
  started=$now
  "$@" >>"$log" 2>&1 </dev/null &
  child=$!
  report running
  [ -z "$ending" ] || kill -TERM "$child" 2>/dev/null
  # a signal to this shell ends a wait early
  while wait "$child"; code=$?; kill -0 "$child" 2>/dev/null; do :; done
  child=''
  [ -z "$ending" ] || break
  uptime
  [ $((now - started)) -lt 2 ] || delay=0
  restarts=$((restarts + 1))
  report waiting
  if [ "$delay" -gt 0 ]; then
    sleep "$delay" &
    nap=$!
    wait "$nap"
    nap=''
  fi
  delay=$((delay == 0 ? 1 : delay * 2))
  [ "$delay" -le 30 ] || delay=30
done
report stopped
