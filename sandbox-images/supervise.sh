# Runs one program inside the container and reports how it ended. Started as `sh -c THIS supervise FILE PRELUDE TEXT COMMAND...`:
# FILE and PRELUDE name files beside each other, TEXT is what the second holds.
#
# stdout, first:  one line, the kernel this runs on. Nothing is sent before the gateway has read it.
# stdin:          TOKEN FILES CODE STDIN\n   then per file PATH\n SIZE\n and its bytes, then CODE bytes, then STDIN bytes.
# both outputs, last:  RS TOKEN SP EXIT RS. The program is another process and never gets the token.
umask 077
IFS= read -r kernel < /proc/version
printf '%s\n' "$kernel"
IFS=' ' read -r token files code input || exit 125
take() { if [ "$1" -gt 0 ]; then head -c "$1"; fi; }
mkdir /tmp/program && program=/tmp/program/$1
if [ -n "$2" ]; then printf '%s\n' "$3" > "/tmp/program/$2"; fi
shift 3
while [ "$files" -gt 0 ]; do
  IFS= read -r path && IFS= read -r size || exit 125
  case $path in */*) mkdir -p -- "${path%/*}" ;; esac
  take "$size" > "./$path" || exit 125
  files=$((files - 1))
done
take "$code" > "$program" || exit 125
take "$input" > /tmp/program/stdin || exit 125
"$@" "$program" < /tmp/program/stdin
status=$?
printf '\036%s %d\036' "$token" "$status"
printf '\036%s %d\036' "$token" "$status" >&2
exit "$status"
