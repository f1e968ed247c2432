using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Logos.P2P.Node.Control;

/// <summary>What a method is called with, as many and of the types that it asks for.</summary>
internal sealed class RpcArguments
{
    private readonly RpcMethod _method;
    private readonly JsonNode?[] _values;

    private RpcArguments(RpcMethod method, JsonNode?[] values)
    {
        _method = method;
        _values = values;
    }

    /// <summary>The error of who calls a method in another way than it is made for: its help.</summary>
    public RpcException Misuse => new(RpcErrorCode.Misc, _method.Help);

    /// <summary>Reads the parameters of a request for a method.</summary>
    /// <exception cref="RpcException">They are not what it asks for.</exception>
    public static RpcArguments Read(RpcMethod method, JsonNode? parameters)
    {
        var values = new JsonNode?[method.Parameters.Length];
        switch (parameters)
        {
            case JsonArray array when array.Count > values.Length:
                throw new RpcException(RpcErrorCode.Misc, method.Help);
            case JsonArray array:
                for (int i = 0; i < array.Count; i++)
                    values[i] = array[i];
                break;
            case JsonObject named:
                ReadNamed(method, named, values);
                break;
        }

        var arguments = new RpcArguments(method, values);
        arguments.Validate();
        return arguments;
    }

    /// <summary>Text.</summary>
    public string Text(int index) => OptionalText(index) ?? throw Misuse;

    /// <summary>Text, or null when it was left out.</summary>
    public string? OptionalText(int index) => _values[index]?.GetValue<string>();

    /// <summary>A whole number, or null when it was left out.</summary>
    /// <exception cref="RpcException">It is not whole, or too large.</exception>
    public long? OptionalNumber(int index)
    {
        if (_values[index] is not { } value)
            return null;
        return value.AsValue().TryGetValue(out long number)
            ? number
            : throw new RpcException(RpcErrorCode.Misc, "JSON integer out of range");
    }

    /// <summary>The texts of an array; none when it was left out.</summary>
    /// <exception cref="RpcException">One is no text.</exception>
    public IReadOnlyList<string> Texts(int index) =>
    [
        .. from item in _values[index]?.AsArray() ?? []
           select item?.GetValueKind() == JsonValueKind.String
               ? item.GetValue<string>()
               : throw new RpcException(RpcErrorCode.Type, "JSON value is not of expected type string"),
    ];

    /// <summary>A switch: off when it was left out.</summary>
    public bool Switch(int index) => _values[index]?.GetValue<bool>() ?? false;

    private static void ReadNamed(RpcMethod method, JsonObject named, JsonNode?[] values)
    {
        foreach ((string name, JsonNode? value) in named)
        {
            int index = method.Parameters.IndexOf(method.Parameters.FirstOrDefault(parameter => parameter.Name == name)!);
            if (index < 0)
                throw new RpcException(RpcErrorCode.InvalidParameter, $"Unknown named parameter {name}");
            values[index] = value;
        }
    }

    private void Validate()
    {
        var wrong = new StringBuilder();
        for (int i = 0; i < _values.Length; i++)
        {
            RpcParameter parameter = _method.Parameters[i];
            if (_values[i] is not { } value)
            {
                if (!parameter.IsOptional)
                    throw Misuse;
                continue;
            }

            if (parameter.TakesText && long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                _values[i] = value = number;
            JsonValueKind kind = value.GetValueKind();
            if (TypeName(kind) != TypeName(parameter.Kind))
            {
                wrong.Append(wrong.Length > 0 ? ",\n" : "").Append(
                    CultureInfo.InvariantCulture,
                    $"    \"Position {i + 1} ({parameter.Name})\": \"JSON value of type {TypeName(kind)} is not of expected type {TypeName(parameter.Kind)}\"");
            }
        }

        if (wrong.Length > 0)
            throw new RpcException(RpcErrorCode.Type, $"Wrong type passed:\n{{\n{wrong}\n}}");
    }

    private static string TypeName(JsonValueKind kind) => kind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };
}
