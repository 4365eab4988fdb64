#!/bin/sh
# Which stack is this clone's: gives it a Compose project and a port of its own, once, in .env, and
# says them. `make up` runs it first. What .env or the environment names already stays as it is.
set -eu
cd "$(dirname "$0")"
here=$(pwd)

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# A setting's value: from the environment, or else from .env.
setting() {
    value=$(printenv "$1" || true)
    if [ -z "$value" ] && [ -f .env ]; then
        value=$(sed -n "s/^\(export \)\{0,1\}$1=//p" .env | tail -n 1 |
            sed "s/[[:space:]]#.*//; s/[[:space:]]*\$//; s/^[\"']//; s/[\"']\$//")
    fi
    say "$value"
}

# Adds a line to .env, after a line end that may be missing there.
remember() {
    if [ -s .env ] && [ -n "$(tail -c 1 .env)" ]; then say "" >>.env; fi
    say "$1" >>.env
}

# The folders that the containers of a project were started from.
folders_of() {
    docker ps --all --filter "label=com.docker.compose.project=$1" \
        --format '{{.Label "com.docker.compose.project.working_dir"}}' | sort -u
}

# Whether a folder is this clone, by whatever way it is reached.
is_here() {
    [ "$1" = "$here" ] || [ "$1" -ef "$here" ]
}

volumes_of() {
    docker volume ls --quiet --filter "label=com.docker.compose.project=$1"
}

# A name after the folder, with four digits of its path: clones are often called alike.
new_name() {
    slug=$(basename "$here" | tr '[:upper:]' '[:lower:]' | tr -c 'a-z0-9\n' '-' | sed 's/^-*//; s/-*$//')
    digits=$(say "$here" | cksum | cut -d ' ' -f 1 | sed 's/.*\(....\)$/\1/')
    case $slug in
    '' | sommelier) say "sommelier-$digits" ;;
    *) say "sommelier-$slug-$digits" ;;
    esac
}

# Before each clone had a name of its own there was one for all: a stack of that time goes on.
before=${NAME_OF_BEFORE:-sommelier} # another one in tests
name_of_before() {
    folders=$(folders_of "$before")
    if [ -n "$folders" ] && is_here "$folders"; then
        say "$before"
    elif [ -z "$folders" ] && [ -n "$(volumes_of "$before")" ]; then
        fail "There are volumes of a stack '$before' that is down, and nothing tells which clone they belong to." \
            "To go on with them from here:    echo COMPOSE_PROJECT_NAME=$before >>.env" \
            "For an empty stack of its own:   echo COMPOSE_PROJECT_NAME=$(new_name) >>.env"
    fi
}

# Whether something listens on a port of this machine.
is_listening() {
    hex=$(printf '%04X' "$1")
    if [ -r /proc/net/tcp ]; then
        cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -Eq ":$hex [0-9A-F]+:0000 0A "
    else
        netstat -an 2>/dev/null | grep -i listen | grep -Eq "[.:]$1[[:space:]]"
    fi
}

# Whether a container of the project publishes it, as while its stack runs.
is_own() {
    docker ps --filter "label=com.docker.compose.project=$1" --format '{{.Ports}}' |
        grep -Eq ":$2->"
}

free_port() {
    port=8000
    while is_listening "$port"; do port=$((port + 1)); done
    say "$port"
}

docker info >/dev/null 2>&1 || fail "No Docker engine answers. Without Docker: make serve, or make demo."

name=$(setting COMPOSE_PROJECT_NAME)
port=$(setting API_PORT)
if [ -z "$name" ]; then
    name=$(name_of_before)
    if [ -z "$name" ]; then name=$(new_name); fi
    remember "COMPOSE_PROJECT_NAME=$name"
fi
others=$(folders_of "$name" | while read -r folder; do
    if [ -d "$folder" ] && ! is_here "$folder"; then say "$folder"; fi
done)
if [ -n "$others" ]; then
    fail "The stack '$name' belongs to the clone in $others: it is left alone." \
        "Give this one another COMPOSE_PROJECT_NAME and API_PORT, in .env or the environment."
fi
if [ -z "$port" ]; then
    port=8000
    if ! is_own "$name" "$port"; then port=$(free_port); fi
    remember "API_PORT=$port"
fi
case $port in
*[!0-9]*) ;; # a range, for replicas: Docker takes what is free of it
*)
    if is_listening "$port" && ! is_own "$name" "$port"; then
        fail "Port $port is taken by another program: give this stack another API_PORT in .env or the environment."
    fi
    ;;
esac
say "This clone's stack is '$name', on port $port (COMPOSE_PROJECT_NAME and API_PORT, in .env or the environment)."
