using System.Net;
using Logos.P2P.Diagnostics;
using Logos.P2P.Node.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Logos.P2P.Node.Views;

/// <summary>
/// Gives the node's metrics, and .NET's of the process, to those who collect them: Prometheus asks for them, an OpenTelemetry
/// collector is sent them. Both are OpenTelemetry's own libraries.
/// </summary>
internal sealed class MetricsExport : IAsyncDisposable
{
    /// <summary>.NET's metrics of the process: collector, threads, exceptions, processor time.</summary>
    private const string RuntimeMeter = "System.Runtime";

    /// <summary>The path that OpenTelemetry's protocol has for metrics.</summary>
    private const string CollectorPath = "v1/metrics";

    private const string Path = "/metrics";

    private readonly MeterProvider _provider;
    private readonly ServiceProvider _services;
    private HttpServer? _server;

    private MetricsExport(ViewsSettings settings, string network)
    {
        MeterProviderBuilder builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource
                .AddService("logosp2p", serviceVersion: typeof(P2PNode).Assembly.GetName().Version!.ToString(3))
                .AddAttributes([new("logos.network", network)]))
            .AddMeter($"{NodeMeters.Prefix}*", RuntimeMeter);
        if (!settings.MetricsEndpoints.IsEmpty)
        {
            // What a scrape tells is of that moment, however many ask.
            builder.AddPrometheusExporter(options => options.ScrapeResponseCacheDurationMilliseconds = 0);
        }

        if (settings.Collector is { } collector)
        {
            builder.AddOtlpExporter(options =>
            {
                options.Protocol = OtlpExportProtocol.HttpProtobuf;
                options.Endpoint = new Uri($"{collector.AbsoluteUri.TrimEnd('/')}/{CollectorPath}");
            });
        }

        _provider = builder.Build();
        _services = new ServiceCollection().AddSingleton(_provider).BuildServiceProvider();
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="IOException">It cannot listen where it was told to.</exception>
    public static async Task<MetricsExport> StartAsync(ViewsSettings settings, string network, ILoggerFactory loggers, ILogger logger)
    {
        var export = new MetricsExport(settings, network);
        try
        {
            if (!settings.MetricsEndpoints.IsEmpty)
                await export.ListenAsync(settings.MetricsEndpoints, loggers, logger).ConfigureAwait(false);
            if (settings.Collector is { } collector)
                ViewsLog.CollectorNamed(logger, collector);
            return export;
        }
        catch
        {
            await export.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends what was not sent yet, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync().ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
        _provider.Dispose();
    }

    private async Task ListenAsync(IEnumerable<IPEndPoint> endpoints, ILoggerFactory loggers, ILogger logger)
    {
        var application = new ApplicationBuilder(_services);
        application.UseOpenTelemetryPrometheusScrapingEndpoint(
            _provider, context => HttpMethods.IsGet(context.Request.Method) && context.Request.Path == Path, null, null, null);
        _server = await HttpServer.StartAsync(endpoints, 0, application.Build(), loggers).ConfigureAwait(false);
        foreach (Uri address in _server.Addresses)
            ViewsLog.MetricsStarted(logger, new Uri(address, Path));
    }
}
