using System.Reflection;

namespace Logos.P2P.Tests.Api;

/// <summary>What programs can see of an assembly, a line for each type and member.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Of(Assembly assembly) => assembly.GetExportedTypes()
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .SelectMany(type => Members(type).Order(StringComparer.Ordinal).Prepend(Describe(type)));

    private static string Describe(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class";
        string modifier = type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsSealed && !type.IsValueType ? "sealed "
            : type.IsAbstract && !type.IsInterface ? "abstract " : "";
        string based = type.BaseType is { } parent && parent != typeof(object) && !type.IsValueType ? $" : {parent}" : "";
        string interfaces = string.Concat(type.GetInterfaces().Select(each => each.ToString()).Order(StringComparer.Ordinal).Select(each => $", {each}"));
        return $"{modifier}{kind} {type.FullName}{based}{interfaces}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        foreach (FieldInfo field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily))
        {
            string value = field.IsLiteral ? $" = {Convert.ToString(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)}" : "";
            if (!field.IsSpecialName)
                yield return $"  {type.FullName}.{field.Name} : {field.FieldType}{value}{(field.IsStatic ? " static" : "")}";
        }

        foreach (MethodBase method in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)))
        {
            if (!method.IsPublic && !method.IsFamily && !method.IsFamilyOrAssembly)
                continue;
            string parameters = string.Join(", ", method.GetParameters().Select(Describe));
            string modifiers = (method.IsStatic ? " static" : "") + (method.IsVirtual && !method.IsFinal ? " virtual" : "")
                + (method.IsAbstract ? " abstract" : "");
            string result = method is MethodInfo { ReturnParameter: var returned }
                ? $" : {returned.ParameterType}{string.Concat(returned.GetRequiredCustomModifiers().Select(each => $" {each.Name}"))}"
                : "";
            yield return $"  {type.FullName}.{method.Name}({parameters}){result}{modifiers}";
        }
    }

    private static string Describe(ParameterInfo parameter)
    {
        string text = $"{parameter.ParameterType} {parameter.Name}";
        return parameter.HasDefaultValue
            ? $"{text} = {Convert.ToString(parameter.RawDefaultValue, System.Globalization.CultureInfo.InvariantCulture) ?? "null"}"
            : text;
    }
}
