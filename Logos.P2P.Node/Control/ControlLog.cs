using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Control;

/// <summary>Every log message of the control interface. Event ids are stable: 5xx.</summary>
internal static partial class ControlLog
{
    [LoggerMessage(500, LogLevel.Information, "Control interface at {Address}")]
    public static partial void Started(ILogger logger, Uri address);

    [LoggerMessage(501, LogLevel.Warning, "No control interface: {Why}. Choose another -rpcport, or -server=0")]
    public static partial void NotStarted(ILogger logger, string why);

    [LoggerMessage(502, LogLevel.Warning, "A wrong password or cookie was shown")]
    public static partial void WrongPassword(ILogger logger);

    [LoggerMessage(503, LogLevel.Error, "The control method {Method} failed; this is a fault of the program")]
    public static partial void MethodFailed(ILogger logger, Exception exception, string method);

    [LoggerMessage(504, LogLevel.Information, "Health is told at {Address}")]
    public static partial void HealthStarted(ILogger logger, Uri address);
}
