using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Node.Control;

/// <summary>
/// What the operator shows to be believed: the password he chose, or a cookie that lies where only he can read it, made anew
/// at each start. The files and forms are Bitcoin's, so its tools find them.
/// </summary>
internal sealed class Credentials : IDisposable
{
    /// <summary>The file with the cookie.</summary>
    public const string CookieName = ".cookie";

    private const string CookieUser = "__cookie__";
    private const int CookieBytes = 32;

    /// <summary>Bitcoin Core's number.</summary>
    private static readonly TimeSpan WrongPasswordDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Whoever compares digests learns nothing of what they are of, its length included.</summary>
    private readonly byte[] _digest;

    private readonly string? _cookieFile;

    private Credentials(string userAndPassword, string? cookieFile)
    {
        _digest = Digest($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(userAndPassword))}");
        _cookieFile = cookieFile;
    }

    /// <summary>Those of a password.</summary>
    public static Credentials Of(string user, string password) => new($"{user}:{password}", null);

    /// <summary>Makes a cookie.</summary>
    /// <param name="directory">Where its file is to be.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static Credentials MakeCookie(string directory)
    {
        string cookie = $"{CookieUser}:{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(CookieBytes))}";
        string file = Path.Combine(directory, CookieName), unfinished = $"{file}.tmp";
        // One that is there already may be open to others.
        File.Delete(unfinished);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(unfinished, options))
            stream.Write(Encoding.ASCII.GetBytes(cookie));
        // Nobody finds half a cookie.
        File.Move(unfinished, file, overwrite: true);
        return new Credentials(cookie, file);
    }

    /// <summary>Whether the Authorization header of a request is right. Takes as long whatever is wrong with it.</summary>
    public bool Fit(string authorization) =>
        CryptographicOperations.FixedTimeEquals(Digest(authorization), _digest);

    /// <summary>Tells the log of somebody who was not believed, and has whoever guesses wait for each answer.</summary>
    /// <param name="logger">The log.</param>
    /// <param name="cancellationToken">He has gone.</param>
    public static Task RefuseAsync(ILogger logger, CancellationToken cancellationToken)
    {
        ControlLog.WrongPassword(logger);
        return Task.Delay(WrongPasswordDelay, cancellationToken);
    }

    /// <summary>Takes the cookie away.</summary>
    public void Dispose()
    {
        if (_cookieFile is not null)
            File.Delete(_cookieFile);
    }

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
