# The same for images with socat: 127.0.0.1:3128 leads to the socket of the sandbox.
socat TCP-LISTEN:3128,bind=127.0.0.1,reuseaddr,fork,max-children=16 UNIX-CONNECT:/run/egress/s > /dev/null &
tries=0
until (exec 3<> /dev/tcp/127.0.0.1/3128) 2> /dev/null; do
  tries=$((tries + 1))
  if [ "$tries" -gt 200 ]; then exit 1; fi
  sleep 0.02
done
exec >&-
wait
