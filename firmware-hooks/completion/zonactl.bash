# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of zonactl. Verbs and options are those of "zonactl --help"; addresses are those
# of the sessions that are up.

_zonactl_sessions()
{
	zonactl "$@" sessions 2>/dev/null | awk '$1 ~ /^..:..:..:..:..:..$/ {
		print $1
		if ($2 != "-") print $2
	}'
}

_zonactl()
{
	local cur prev words cword i verb='' socket=()
	_init_completion -n : || return

	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		--socket) socket=(--socket "${words[++i]}") ;;
		--socket=*) socket=("${words[i]}") ;;
		--minutes | --text-* | --until | --class | --count | --expires | --uses | --html) ((i++)) ;;
		-*) ;;
		*) verb=${verb:-${words[i]}} ;;
		esac
	done

	case $prev in
	--socket | --html)
		_filedir
		return
		;;
	--minutes | --text-* | --until | --class | --count | --expires | --uses) return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(zonactl --help | awk '$1 ~ /^--/ { print $1 }')" -- "$cur")
	elif [[ -z $verb ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(zonactl --help | awk '/^  [a-z]/ { print $1 }')" -- "$cur")
	elif [[ $verb == alert ]]; then
		mapfile -t COMPREPLY < <(compgen -W "set clear" -- "$cur")
	elif [[ $verb == voucher ]]; then
		mapfile -t COMPREPLY < <(compgen -W "create" -- "$cur")
	elif zonactl --help | grep -q "^  $verb ADDR"; then
		mapfile -t COMPREPLY < <(compgen -W "$(_zonactl_sessions "${socket[@]}")" -- "$cur")
		__ltrim_colon_completions "$cur"
	fi
} && complete -F _zonactl zonactl
