using System.Collections.Immutable;

namespace Logos.P2P.Node.Completion;

/// <summary>
/// Completion for shells. The scripts hold all words: asking the program at each key would take a tenth of a second.
/// </summary>
internal static class CompletionScripts
{
    /// <summary>
    /// What both shells understand: from the command ($at), the word ($cur) and the one before it to the $candidates.
    /// </summary>
    private const string Choose =
        """
            if [[ $cur == -*=* ]]; then
                name=${cur%%=*}
            elif [[ $before == -* ]]; then
                name=$before
            fi
            # --name may be -name. One that takes no value is none here.
            [[ " ${_logosp2p_options[$at]} " == *" $name= "* ]] || name=${name/#--/-}
            [[ " ${_logosp2p_options[$at]} " == *" $name= "* ]] || name=""

            if [[ -n $name ]]; then
                candidates=${_logosp2p_values[$at $name]}
            elif [[ $cur == --* && " ${_logosp2p_options[$at]}" != *" $cur"* ]]; then
                candidates=${_logosp2p_options[$at]// -/ --}
                candidates=${candidates/#-/--}
            elif [[ $cur == -* ]]; then
                candidates=${_logosp2p_options[$at]}
            else
                candidates="${_logosp2p_commands[$at]} ${_logosp2p_arguments[$at]}"
            fi

        """;

    /// <summary>The script for bash, 4.0 or later.</summary>
    public static string Bash(ImmutableArray<CompletionNode> tree) =>
        "# Completion of logosp2p for bash: source <(logosp2p completion bash)\n"
        + Tables(tree, "declare -gA {0}=(", (key, words) => $"    [\"{key}\"]=\"{words}\"")
        + """

        _logosp2p() {
            local line=${COMP_LINE:0:COMP_POINT} at="-" word cur before name="" candidates
            local -a words
            # Bash itself would break words at = as well.
            read -ra words <<<"$line"
            [[ $line == *' ' ]] && words+=("")
            cur=${words[-1]} before=${words[-2]}
            for word in "${words[@]:1:${#words[@]}-2}"; do
                [[ " ${_logosp2p_commands[$at]} " == *" $word "* ]] && at="$at $word"
            done


        """
        + Choose
        + """
            [[ $cur == -*=* ]] && cur=${cur#*=}
            case $candidates in
                *@file*) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")) ;;
                *@directory*) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")) ;;
                *) COMPREPLY=($(compgen -W "$candidates" -- "$cur")) ;;
            esac
            [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
            return 0
        }

        complete -F _logosp2p logosp2p

        """;

    /// <summary>The script for zsh.</summary>
    public static string Zsh(ImmutableArray<CompletionNode> tree) =>
        "#compdef logosp2p\n# Completion of logosp2p for zsh: source <(logosp2p completion zsh), after compinit\n"
        + Tables(tree, "typeset -gA {0}\n{0}=(", (key, words) => $"    \"{key}\" \"{words}\"")
        + """

        _logosp2p() {
            local at="-" word cur=$words[CURRENT] before=$words[CURRENT-1] name="" candidates
            local -a list
            for word in ${words[2,CURRENT-1]}; do
                [[ " ${_logosp2p_commands[$at]} " == *" $word "* ]] && at="$at $word"
            done


        """
        + Choose
        + """
            [[ $cur == -*=* ]] && compset -P '*='
            case $candidates in
                *@file*) _files ;;
                *@directory*) _files -/ ;;
                *)
                    list=(${=candidates})
                    compadd -S '' -- ${(M)list:#*=}
                    compadd -- ${list:#*=}
                    ;;
            esac
        }

        compdef _logosp2p logosp2p

        """;

    private static string Tables(ImmutableArray<CompletionNode> tree, string opening, Func<string, string, string> line)
    {
        string Table(string name, IEnumerable<(string Key, string Words)> rows) => string.Join('\n',
        [
            opening.Replace("{0}", name, StringComparison.Ordinal),
            .. rows.Where(row => row.Words.Length > 0).Select(row => line(row.Key, row.Words)),
            ")\n",
        ]);

        return Table("_logosp2p_commands", tree.Select(node => (KeyOf(node), string.Join(' ', node.Commands))))
            + Table("_logosp2p_options", tree.Select(node => (KeyOf(node), string.Join(' ', node.Options))))
            + Table("_logosp2p_arguments", tree.Select(node => (KeyOf(node), node.Arguments)))
            + Table(
                "_logosp2p_values",
                from node in tree
                from value in node.Values
                orderby value.Key
                select ($"{KeyOf(node)} {value.Key}", value.Value));
    }

    /// <summary>The program itself has a key too, and neither shell takes an empty one.</summary>
    private static string KeyOf(CompletionNode node) => node.Path.Length > 0 ? $"- {node.Path}" : "-";
}
