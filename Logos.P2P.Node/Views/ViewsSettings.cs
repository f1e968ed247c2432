using System.Collections.Immutable;
using System.Net;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Views;

/// <summary>To whom the program shows how the node does.</summary>
internal sealed record ViewsSettings
{
    /// <summary>Nothing is shown to anybody.</summary>
    public static ViewsSettings None { get; } = new();

    /// <summary>Where Prometheus may ask for metrics; nowhere when empty.</summary>
    public ImmutableArray<IPEndPoint> MetricsEndpoints { get; init; } = [];

    /// <summary>The collector that metrics are sent to by OpenTelemetry's protocol; null for none.</summary>
    public Uri? Collector { get; init; }

    /// <summary>The groups of metrics that are on from the start.</summary>
    public ImmutableArray<MetricGroup> Groups { get; init; } = [.. Enum.GetValues<MetricGroup>()];

    /// <summary>The port of the live view on this machine; null when there is none.</summary>
    public int? ViewPort { get; init; }

    /// <summary>The port of a network's live view unless told otherwise: 200 below that of its peers.</summary>
    public static int DefaultViewPort(P2PNetwork network) => network.DefaultPort() - 200;
}
