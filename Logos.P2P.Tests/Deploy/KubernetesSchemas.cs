using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Logos.P2P.Tests.Deploy;

/// <summary>
/// The fields that Kubernetes publishes (Vectors/kubernetes.json), and whether a manifest has no others, all that are needed,
/// and values of the right types in them.
/// </summary>
internal sealed partial class KubernetesSchemas
{
    private static readonly Dictionary<(string ApiVersion, string Kind), string> Kinds = new()
    {
        [("v1", "Service")] = "V1Service",
        [("apps/v1", "StatefulSet")] = "V1StatefulSet",
        [("policy/v1", "PodDisruptionBudget")] = "V1PodDisruptionBudget",
    };

    private readonly Dictionary<string, Schema> _types = Load();

    /// <summary>All that is wrong with a manifest, each with where it is.</summary>
    public IReadOnlyList<string> Check(YamlNode manifest)
    {
        var wrong = new List<string>();
        if (manifest is YamlMappingNode map
            && Kinds.TryGetValue((Text(map, "apiVersion"), Text(map, "kind")), out string? type))
        {
            Check(manifest, type, type, wrong);
        }
        else
        {
            wrong.Add("of no kind that is known here");
        }

        return wrong;
    }

    private void Check(YamlNode node, string type, string path, List<string> wrong)
    {
        if (ElementOfArray().Match(type) is { Success: true } array)
        {
            if (node is YamlSequenceNode items)
            {
                for (int i = 0; i < items.Children.Count; i++)
                    Check(items.Children[i], array.Groups[1].Value, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), wrong);
            }
            else
            {
                wrong.Add($"{path}: not a list");
            }
        }
        else if (ValueOfMap().Match(type) is { Success: true } values)
        {
            CheckFields(node, path, wrong, _ => values.Groups[1].Value);
        }
        else if (_types.TryGetValue(type, out Schema? schema))
        {
            IEnumerable<string> there = CheckFields(node, path, wrong, schema.Fields.GetValueOrDefault);
            wrong.AddRange(schema.Required.Except(there).Select(field => $"{path}.{field}: missing"));
        }
        else if (!IsScalar(node, type))
        {
            wrong.Add($"{path}: not a {type}");
        }
    }

    private List<string> CheckFields(YamlNode node, string path, List<string> wrong, Func<string, string?> typeOf)
    {
        var names = new List<string>();
        if (node is not YamlMappingNode map)
        {
            wrong.Add($"{path}: no fields");
            return names;
        }

        foreach ((YamlNode key, YamlNode value) in map.Children)
        {
            string name = ((YamlScalarNode)key).Value!;
            names.Add(name);
            if (typeOf(name) is { } type)
                Check(value, type, $"{path}.{name}", wrong);
            else
                wrong.Add($"{path}.{name}: unknown");
        }

        return names;
    }

    /// <summary>What YAML 1.2 makes of a scalar, as Kubernetes reads it.</summary>
    private static bool IsScalar(YamlNode node, string type)
    {
        if (node is not YamlScalarNode scalar)
            return false;
        bool isPlain = scalar.Style == ScalarStyle.Plain;
        bool isNumber = isPlain && double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        bool isBoolean = isPlain && scalar.Value is "true" or "false";
        return type switch
        {
            "number" => isNumber,
            "boolean" => isBoolean,
            "IntOrString" => !isBoolean,
            "string" => !isNumber && !isBoolean && !(isPlain && scalar.Value is "" or "null" or "~" or "yes" or "no" or "on" or "off"),
            _ => throw new NotSupportedException($"No manifest here had a {type} so far."),
        };
    }

    private static string Text(YamlMappingNode map, string field) =>
        map.Children.TryGetValue(field, out YamlNode? value) && value is YamlScalarNode { Value: { } text } ? text : "";

    private static Dictionary<string, Schema> Load()
    {
        string file = Path.Combine(AppContext.BaseDirectory, "Vectors", "kubernetes.json");
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        return document.RootElement.GetProperty("types").Deserialize<Dictionary<string, Schema>>(JsonSerializerOptions.Web)!;
    }

    [GeneratedRegex("^Array<(.*)>$")]
    private static partial Regex ElementOfArray();

    [GeneratedRegex(@"^\{ \[key: string\]: (.*); \}$")]
    private static partial Regex ValueOfMap();

    internal sealed record Schema(string[] Required, Dictionary<string, string> Fields);
}
