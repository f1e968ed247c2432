using System.Net;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Views;

/// <summary>What was said of the options of metrics and of the live view, as they take it.</summary>
internal static class ViewsOptions
{
    /// <summary>What was asked for.</summary>
    /// <exception cref="OptionException">An address, a URL or a group is none.</exception>
    public static ViewsSettings Read(OptionValues values, P2PNetwork network) => new()
    {
        MetricsEndpoints = [.. values.List(OptionTable.MetricsBind).Select(ReadEndpoint)],
        Collector = values.Value(OptionTable.OtlpEndpoint) is { } url ? ReadCollector(url) : null,
        Groups = values.Value(OptionTable.Metrics) is { } groups
            ? MetricGroups.Parse(groups.Text) ?? throw groups.Error($"has what is none of {MetricGroups.Names}.")
            : ViewsSettings.None.Groups,
        ViewPort = values.Switch(OptionTable.View) ?? false
            ? (int?)values.Number(OptionTable.ViewPort) ?? ViewsSettings.DefaultViewPort(network)
            : null,
    };

    private static IPEndPoint ReadEndpoint(OptionValue value) =>
        IPEndPoint.TryParse(value.Text, out IPEndPoint? endpoint) && endpoint.Port > 0
            ? endpoint
            : throw value.Error("is no address and port of a machine; write 127.0.0.1:9464 or [::1]:9464.");

    private static Uri ReadCollector(OptionValue value) =>
        Uri.TryCreate(value.Text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            ? url
            : throw value.Error("is not a URL such as http://127.0.0.1:4318.");
}
