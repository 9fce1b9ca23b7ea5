# Bash reads this before it opens the program. What it has to give stands in supervise.sh and program.ts; builtins alone,
# because a fork takes 40 ms in gVisor. No variable of bash holds NUL, so the bytes come with escapes for printf's %b.
sallyport_begin() {
  local LC_ALL=C IFS=' ' kernel count code given path size
  unset -v BASH_ENV
  IFS= read -r kernel < /proc/version && printf '%s\n' "$kernel" || exit 125
  read -r -u 3 count code given || exit 125
  for ((; count > 0; count--)); do
    IFS= read -r -u 3 path && read -r -u 3 size || exit 125
    if [[ $path == */* ]]; then mkdir -p -- "${path%/*}" || exit 125; fi
    sallyport_take "$size" "./$path"
  done
  sallyport_take "$code" /tmp/program/main.sh
  sallyport_take "$given" /tmp/program/stdin
  exec 3<&- || exit 125
  printf '\006'
}
sallyport_take() {
  local IFS= text=
  if (($1 > 0)); then read -r -N "$1" -u 3 text || exit 125; fi
  printf '%b' "$text" > "$2" || exit 125
}
sallyport_begin
unset -f sallyport_begin sallyport_take
SECONDS=0
