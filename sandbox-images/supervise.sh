# Runs one program inside the container and reports how it ended. Started as
# `sh -c THIS supervise HOOK TEXT FILE COMMAND...`: HOOK and FILE name files beside each other, TEXT is what HOOK holds.
#
# The interpreter starts at once and waits in its hook, before it opens FILE, which is not there yet.
# stdin:          TOKEN\n, read here and by nobody else; then what `program.ts` frames, read by the hook as descriptor 3;
#                 last, which files to hand over: BYTES\n (nothing: none), a path a line, an empty line. Read here, at the end.
# stdout, first:  from the hook, one line: the kernel this runs on. Nothing but the token is sent before the gateway has read it.
# stdout, then:   from the hook, ACK: the program is laid out, what follows is the program's own.
# both outputs, last:  RS TOKEN SP EXIT RS. The program is another process and never gets the token.
# stdout, behind that, where files are wanted: RS TOKEN SP s RS, then for each file what is in it and RS TOKEN SP WORD RS,
#                 WORD being w(hole), m(issing), n(o file), u(nreadable).
umask 077
# The shim closes its output when it listens. It starts before the token is read, so that it never has it; where it fails,
# the program has no way out.
if [ -n "$SALLYPORT_EGRESS" ]; then listening=$($SALLYPORT_EGRESS 2> /dev/null &); fi
# An image may have a variable of that name, which would be handed on with what is read into it.
unset token
IFS= read -r token || exit 125
if [ ! -d /tmp/program ]; then mkdir /tmp/program || exit 125; fi
printf '%s\n' "$2" > "/tmp/program/$1" && : > /tmp/program/stdin || exit 125
program=/tmp/program/$3
shift 3
# The program's standard input is a file, filled by the hook.
"$@" "$program" 3<&0 < /tmp/program/stdin
status=$?
# Whoever is left dies: a pipe can be opened again for reading, and who reads there would have the token before the gateway;
# and nothing changes between the look at a path and its opening, and nobody else writes.
kill -9 -1 2> /dev/null
printf '\036%s %d\036' "$token" "$status"
printf '\036%s %d\036' "$token" "$status" >&2
# Without an interpreter nobody has taken the program, and nothing more comes.
[ -e "$program" ] || exit "$status"
IFS= read -r most
[ -n "$most" ] || exit "$status"
# A link is not followed, wherever on the way it stands; a pipe is not opened.
look() {
  at=./ rest=$1
  while [ "$rest" ]; do
    at=$at${rest%%/*}
    [ ! -h "$at" ] || { word=n; return; }
    case $rest in */*) at=$at/ rest=${rest#*/} ;; *) rest= ;; esac
  done
  if [ ! -e "$at" ]; then word=m; elif [ ! -f "$at" ]; then word=n; elif [ ! -r "$at" ]; then word=u; else word=w; fi
}
printf '\036%s s\036' "$token"
while IFS= read -r path && [ -n "$path" ]; do
  look "$path"
  if [ $word = w ]; then head -c "$most" -- "./$path" 2> /dev/null || word=u; fi
  printf '\036%s %s\036' "$token" $word
done
exit "$status"
