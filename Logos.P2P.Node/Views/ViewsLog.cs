using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Views;

/// <summary>Every log message of metrics and of the live view. Event ids are stable: 6xx.</summary>
internal static partial class ViewsLog
{
    [LoggerMessage(600, LogLevel.Information, "Metrics at {Address}")]
    public static partial void MetricsStarted(ILogger logger, Uri address);

    [LoggerMessage(601, LogLevel.Information, "Metrics go to {Collector}")]
    public static partial void CollectorNamed(ILogger logger, Uri collector);

    [LoggerMessage(602, LogLevel.Information, "Live view at {Address}")]
    public static partial void ViewStarted(ILogger logger, Uri address);

    [LoggerMessage(603, LogLevel.Error, "The live view failed; this is a fault of the program")]
    public static partial void NewsFailed(ILogger logger, Exception exception);
}
