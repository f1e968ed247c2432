using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Views;

/// <summary>The options of metrics and of the live view.</summary>
internal sealed class ViewsOptions
{
    private readonly Option<IPEndPoint[]> _metricsBind = new("-metricsbind", "--metricsbind")
    {
        Description = "Tell metrics to anybody who asks on this address, for Prometheus. May be given several times.",
        HelpName = "address:port",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseEndpoints,
    };

    private readonly Option<Uri?> _collector = new("-otlpendpoint", "--otlpendpoint")
    {
        Description = "Send metrics to this OpenTelemetry collector (OTLP over HTTP).",
        HelpName = "url",
        CustomParser = ParseCollector,
    };

    private readonly Option<ImmutableArray<MetricGroup>?> _groups = new("-metrics", "--metrics")
    {
        Description = $"The groups of metrics that are on at first, by commas, of {MetricGroups.Names}; 0: none. Default: all.",
        HelpName = "groups",
        CustomParser = ParseGroups,
    };

    private readonly Option<bool> _view = new("-view", "--view")
    {
        Description = "Show the node to a browser on this machine. Default: 0.",
    };

    private readonly Option<int?> _viewPort = new("-viewport", "--viewport")
    {
        Description = "Show it on this port; 0: one that is free. Default: 14295, testnet 14296, regtest 14297.",
        HelpName = "number",
        CustomParser = argument => WholeNumber.Parse(argument, "-viewport", 0, 65535),
    };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_metricsBind, _collector, _groups, _view, _viewPort];

    /// <summary>What was asked for.</summary>
    public ViewsSettings Read(ParseResult result, P2PNetwork network) => new()
    {
        MetricsEndpoints = [.. result.GetValue(_metricsBind) ?? []],
        Collector = result.GetValue(_collector),
        Groups = result.GetValue(_groups) ?? ViewsSettings.None.Groups,
        ViewPort = result.GetValue(_view) ? result.GetValue(_viewPort) ?? ViewsSettings.DefaultViewPort(network) : null,
    };

    private static IPEndPoint[] ParseEndpoints(ArgumentResult argument)
    {
        var endpoints = new List<IPEndPoint>();
        foreach (Token token in argument.Tokens)
        {
            if (IPEndPoint.TryParse(token.Value, out IPEndPoint? endpoint) && endpoint.Port > 0)
                endpoints.Add(endpoint);
            else
                argument.AddError($"-metricsbind: '{token.Value}' is no address and port of a machine; write 127.0.0.1:9464 or [::1]:9464.");
        }

        return [.. endpoints];
    }

    private static Uri? ParseCollector(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
            return url;
        argument.AddError($"-otlpendpoint: '{text}' is not a URL such as http://127.0.0.1:4318.");
        return null;
    }

    private static ImmutableArray<MetricGroup>? ParseGroups(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (MetricGroups.Parse(text) is { } groups)
            return groups;
        argument.AddError($"-metrics: '{text}' has what is none of {MetricGroups.Names}.");
        return null;
    }
}
