using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Logos.P2P.Node.Control;

/// <summary>Something to call a method with.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is: <see cref="JsonValueKind.True"/> stands for true and false.</param>
/// <param name="Description">What it means.</param>
/// <param name="IsOptional">Whether it may be left out.</param>
/// <param name="TakesText">
/// Whether digits in quotes are a number: bitcoin-cli knows which arguments of Bitcoin Core's methods are numbers, and takes all of
/// ours for text.
/// </param>
internal sealed record RpcParameter(
    string Name, JsonValueKind Kind, string Description, bool IsOptional = false, bool TakesText = false)
{
    /// <summary>As Bitcoin Core's help writes it.</summary>
    public override string ToString()
    {
        string name = Kind == JsonValueKind.String ? $"\"{Name}\"" : Name;
        return IsOptional ? $"( {name} )" : name;
    }
}

/// <summary>A method of the control interface.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Group">What it is about: help lists methods by that.</param>
/// <param name="Parameters">What it is called with.</param>
/// <param name="Description">What it does.</param>
/// <param name="Result">What it answers.</param>
/// <param name="Invoke">Does it.</param>
internal sealed record RpcMethod(
    string Name,
    string Group,
    ImmutableArray<RpcParameter> Parameters,
    string Description,
    string Result,
    Func<RpcContext, RpcArguments, JsonNode?> Invoke)
{
    /// <summary>How to call it, on one line.</summary>
    public string Usage => string.Join(' ', [Name, .. Parameters.Select(parameter => parameter.ToString())]);

    /// <summary>All there is to know of it.</summary>
    public string Help
    {
        get
        {
            StringBuilder help = new StringBuilder(Usage).Append("\n\n").Append(Description).Append('\n');
            if (!Parameters.IsEmpty)
                help.Append("\nArguments:\n");
            for (int i = 0; i < Parameters.Length; i++)
                help.Append(string.Create(null, $"{i + 1}. {Parameters[i].Name}    {Parameters[i].Description}\n"));
            return help.Append("\nResult:\n").Append(Result).Append('\n').ToString();
        }
    }

    /// <summary>Calls it.</summary>
    /// <param name="context">What it works with.</param>
    /// <param name="parameters">An array by position, an object by name, or nothing.</param>
    /// <exception cref="RpcException">It failed.</exception>
    public JsonNode? Call(RpcContext context, JsonNode? parameters) =>
        Invoke(context, RpcArguments.Read(this, parameters));
}
