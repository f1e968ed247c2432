using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>An address manager with a clock and a chance of its own, and short ways to write addresses.</summary>
internal sealed class Book
{
    public const long Minute = 60;
    public const long Hour = 60 * Minute;
    public const long Day = 24 * Hour;

    public static readonly NetAddress Source = Host("252.2.2.2");

    public Book(AddressManagerOptions options)
    {
        Clock = (ManualTimeProvider)options.Clock;
        Options = options;
        Manager = new AddressManager(options);
    }

    public Book(int seed = 1)
        : this(DefaultOptions(seed))
    {
    }

    public AddressManagerOptions Options { get; }

    public AddressManager Manager { get; }

    public ManualTimeProvider Clock { get; }

    public long Now => Clock.UnixSeconds;

    /// <summary>Placements as in Bitcoin Core's own tests: their hash, and the key that is the number 1.</summary>
    public static Book LikeBitcoinCore(int seed = 1)
    {
        byte[] one = new byte[AddrManParameters.KeySize];
        one[0] = 1;
        return new Book(DefaultOptions(seed) with
        {
            Key = one,
            Hash = new Sha256dBucketHash(),
            // Those tests leave the port at 0.
            IsRoutable = endpoint => endpoint.Address.IsRoutable,
        });
    }

    public static AddressManagerOptions DefaultOptions(int seed) => new()
    {
        Key = Enumerable.Range(seed, AddrManParameters.KeySize).Select(i => (byte)i).ToArray(),
        Random = new Random(seed),
        Clock = new ManualTimeProvider(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero)),
    };

    public static NetEndpoint Endpoint(string text, ushort port = 14495) =>
        NetEndpoint.TryParse(text, port, out NetEndpoint endpoint) ? endpoint : throw new FormatException(text);

    public static NetAddress Host(string text) => Endpoint(text).Address;

    /// <summary>A new empty manager that works with the same key, hash and rules.</summary>
    public Book Another() => new(Options with { Random = new Random(99) });

    public TimedAddress Address(string text, long age = 0, Services services = Services.Logos) =>
        new(Endpoint(text), services, (uint)(Now - age));

    public int Add(string text, string? source = null, long age = 0) =>
        Manager.Add([Address(text, age)], source is null ? Source : Host(source));

    public AddressEntry Entry(string text, ushort port = 14495) =>
        Manager.TryGet(Endpoint(text, port), out AddressEntry? entry) ? entry : throw new KeyNotFoundException(text);
}
