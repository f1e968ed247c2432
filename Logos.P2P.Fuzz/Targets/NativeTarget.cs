extern alias native;

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Wire;
using native::Logos.P2P.Native;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>
/// The C interface, called with all that C lets a host pass: null, handles of nothing, texts of any bytes, wrong counts and sizes, in any
/// order. Input: calls, each with which one it is, a node and its arguments. The functions are those of the shared library, in the
/// .NET of this process.
/// </summary>
/// <remarks>
/// Only the node whose options are not from the input is ever started, since nodes with others might dial whoever is written there.
/// </remarks>
internal sealed unsafe class NativeTarget : FuzzTarget
{
    /// <summary>A handle that was never given out.</summary>
    private const nint Nobody = 0x7FFF_FFFF;

    private const int MostStrings = 4;

    private const int Calls = 21;

    /// <summary>Ways to name a node: <see cref="NodeOf"/>.</summary>
    private const int Handles = 4;

    /// <summary>The settings of the node that is started, as an input has them: it dials nobody and nobody reaches it.</summary>
    private static readonly byte[] Harmless =
    [
        7, .. "regtest"u8, CArguments.NoText, 7, .. "connect"u8, 1, .. "0"u8, 6, .. "listen"u8, 1, .. "0"u8, 7, .. "dnsseed"u8, 1, .. "0"u8,
    ];

    private const int HarmlessCount = 4;

    private static readonly delegate* unmanaged[Cdecl]<void*, NativePeer*, void> IgnorePeerFunction = &IgnorePeer;
    private static readonly delegate* unmanaged[Cdecl]<void*, byte*, byte*, byte*, int, void> IgnoreOptionFunction = &IgnoreOption;

    private nint _running;
    private nint _other;

    public override string Name => "native";

    public override IReadOnlyCollection<string> Assemblies => ["Logos.P2P", "liblogosp2p"];

    public override IReadOnlyCollection<string> Types => ["Logos.P2P.Native.", "Logos.P2P.Node.Configuration.", "Logos.P2P.NodeSettings"];

    public override int MaxLength => 512;

    /// <summary>Nodes are made, with their tables; one is started.</summary>
    public override long MostAllocated(int length) => 64 * 1024 * 1024;

    /// <summary>Every call with each kind of handle, and texts that mean something.</summary>
    public override IEnumerable<byte[]> Seeds()
    {
        string[] texts = ["127.0.0.1:1", "192.0.2.0/24", "[2001:db8::1]:5", "-maxconnections=8", "nolisten"];
        for (int call = 0; call < Calls; call++)
        {
            for (int node = 0; node < Handles; node++)
            {
                byte[] text = Encoding.UTF8.GetBytes(texts[(call + node) % texts.Length]);
                yield return [(byte)call, (byte)node, 1, (byte)text.Length, .. text];
            }
        }

        // Made with an option, which ends with two zeros for "not null" and "no host"; used; ended; and used and ended once more.
        yield return [0, 0, 1, 4, .. "port"u8, 1, .. "7"u8, 0, 0, 7, 3, 19, 3, 19, 3, 7, 3];
    }

    public override IEnumerable<byte[]> Words() =>
        Node.Configuration.OptionTable.ForNode.Select(option => Encoding.UTF8.GetBytes($"{option.Name}="));

    public override void Run(ReadOnlySpan<byte> input)
    {
        // The library sets it for its own process, which here is one of others too.
        string? inlined = Environment.GetEnvironmentVariable(Exports.InlineCompletions);
        using var arguments = new CArguments(input.ToArray());
        try
        {
            while (!arguments.IsOver)
                Call(arguments);
        }
        finally
        {
            Free(ref _running);
            Free(ref _other);
            Environment.SetEnvironmentVariable(Exports.InlineCompletions, inlined);
        }
    }

    private void Call(CArguments arguments)
    {
        int call = arguments.Byte() % Calls;
        nint node = NodeOf(arguments.Byte() % Handles);
        LastError.Set("", Result.Ok);
        int result = call switch
        {
            0 => Create(arguments),
            1 => CreateFromArguments(arguments),
            // Not one whose options are from the input.
            2 => On(node == _other ? 0 : node, &Exports.Start),
            3 => On(node, &Exports.Stop),
            4 => Propagate(node, arguments),
            5 => SendDirect(node, arguments),
            6 => On(node, &Exports.ReportInvalid, arguments.Byte() == 0 ? null : arguments.Bytes(MessageId.Size)),
            7 => On(node, &Exports.GetPort),
            8 => On(node, &Exports.CountConnections),
            9 => ((delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<void*, NativePeer*, void>, void*, int>)&Exports.ListPeers)(
                node, arguments.Byte() == 0 ? null : IgnorePeerFunction, null),
            10 => ((delegate* unmanaged[Cdecl]<nint, long, int>)&Exports.Disconnect)(node, arguments.Number()),
            11 => AddPeers(node, arguments),
            12 => GetPeers(node, arguments),
            13 => ((delegate* unmanaged[Cdecl]<nint, byte*, long, int>)&Exports.Ban)(node, arguments.Text(), arguments.Number()),
            14 => On(node, &Exports.Unban, arguments.Text()),
            15 => On(node, &Exports.IsBanned, arguments.Text()),
            16 => On(node, &Exports.SaveDatabases),
            17 => On(node, &Exports.LoadDatabases),
            18 => ShowMetrics(node),
            19 => On(node, &Exports.Free),
            _ => ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, byte*, byte*, byte*, int, void>, void*, int>)&Exports.ListOptions)(
                arguments.Byte() == 0 ? null : IgnoreOptionFunction, null),
        };
        Require(LastError.Result != Result.Internal, $"Call {call} failed in a way nobody thought of: {Message}");
        Require(result >= 0 || (Message.Length > 0 && LastError.Result != Result.Ok), $"Call {call} does not say what is wrong.");
    }

    private static string Message =>
        Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<byte*>)&Exports.GetLastError)()) ?? "";

    private nint NodeOf(int choice) => choice switch
    {
        0 => 0,
        1 => Nobody,
        2 => _running == 0 ? _running = MakeHarmless() : _running,
        _ => _other,
    };

    private static int On(nint node, delegate* unmanaged[Cdecl]<nint, int> function) => function(node);

    private static int On(nint node, delegate* unmanaged[Cdecl]<nint, byte*, int> function, byte* argument) => function(node, argument);

    private static nint Create(NativeSetting* settings, int count, NativeHost* host) =>
        ((delegate* unmanaged[Cdecl]<NativeSetting*, nuint, NativeHost*, nint>)&Exports.Create)(settings, (nuint)count, host);

    private static nint MakeHarmless()
    {
        using var arguments = new CArguments(Harmless);
        nint node = Create(Settings(arguments, HarmlessCount), HarmlessCount, null);
        Require(node != 0, $"The harmless node cannot be made: {Message}");
        return node;
    }

    private static NativeSetting* Settings(CArguments arguments, int count)
    {
        NativeSetting* settings = (NativeSetting*)arguments.Allocate(count * sizeof(NativeSetting));
        for (int i = 0; i < count; i++)
        {
            settings[i].Name = arguments.Text();
            settings[i].Value = arguments.Text();
        }

        return settings;
    }

    private int Create(CArguments arguments)
    {
        int count = arguments.Byte() % MostStrings;
        NativeSetting* settings = Settings(arguments, count);
        return Keep(Create(arguments.Byte() == 1 ? null : settings, count, Host(arguments)));
    }

    private int CreateFromArguments(CArguments arguments)
    {
        int count = arguments.Byte() % MostStrings;
        byte** words = arguments.Texts(count);
        return Keep(((delegate* unmanaged[Cdecl]<int, byte**, NativeHost*, nint>)&Exports.CreateFromArguments)(
            arguments.Byte() == 1 ? -count : count, words, Host(arguments)));
    }

    /// <summary>None; or one that was compiled with another header, or says so.</summary>
    private static NativeHost* Host(CArguments arguments)
    {
        int size = arguments.Byte();
        if (size == 0)
            return null;
        NativeHost* host = (NativeHost*)arguments.Allocate(sizeof(NativeHost));
        host->Size = (nuint)size;
        host->LogLevel = arguments.Byte() - 128;
        host->Inline = arguments.Byte();
        return host;
    }

    /// <returns>The error that no node stands for, whichever it was; zero where there is one.</returns>
    private int Keep(nint node)
    {
        Free(ref _other);
        _other = node;
        return node == 0 ? (int)Result.Option : 0;
    }

    private static int Propagate(nint node, CArguments arguments)
    {
        (nint data, nuint size) = Payload(arguments);
        return ((delegate* unmanaged[Cdecl]<nint, byte*, nuint, int>)&Exports.Propagate)(node, (byte*)data, size);
    }

    private static int SendDirect(nint node, CArguments arguments)
    {
        long peer = arguments.Number();
        (nint data, nuint size) = Payload(arguments);
        return ((delegate* unmanaged[Cdecl]<nint, long, byte*, nuint, int>)&Exports.SendDirect)(node, peer, (byte*)data, size);
    }

    /// <summary>A message; or none, of a size; or one that is said to be longer than any may be, so that it is not read.</summary>
    private static (nint Data, nuint Size) Payload(CArguments arguments)
    {
        int kind = arguments.Byte(), size = arguments.Byte();
        return kind switch
        {
            0 => (0, (nuint)size),
            1 => ((nint)arguments.Bytes(1), nuint.MaxValue - (nuint)size),
            _ => ((nint)arguments.Bytes(size), (nuint)size),
        };
    }

    private static int AddPeers(nint node, CArguments arguments)
    {
        int count = arguments.Byte() % MostStrings;
        byte** addresses = arguments.Texts(count);
        return ((delegate* unmanaged[Cdecl]<nint, byte**, nuint, int>)&Exports.AddPeers)(
            node, arguments.Byte() == 1 ? null : addresses, (nuint)count);
    }

    private static int GetPeers(nint node, CArguments arguments)
    {
        int count = arguments.Byte() % MostStrings;
        int* next = (int*)arguments.Allocate(sizeof(int));
        *next = (int)arguments.Number();
        byte** addresses = (byte**)arguments.Allocate(count * sizeof(byte*));
        int taken = ((delegate* unmanaged[Cdecl]<nint, int*, byte**, nuint, int>)&Exports.GetPeers)(
            node, arguments.Byte() == 1 ? null : next, arguments.Byte() == 1 ? null : addresses, (nuint)count);
        Require(taken <= count, "More addresses than there is room for.");
        for (int i = 0; i < taken; i++)
            NativeMemory.Free(addresses[i]);
        return taken;
    }

    private static int ShowMetrics(nint node)
    {
        byte* json = ((delegate* unmanaged[Cdecl]<nint, byte*>)&Exports.GetMetrics)(node);
        NativeMemory.Free(json);
        return json is null ? (int)Result.Handle : 0;
    }

    private static void Free(ref nint node)
    {
        if (node != 0)
            On(node, &Exports.Free);
        node = 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void IgnorePeer(void* context, NativePeer* peer)
    {
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void IgnoreOption(void* context, byte* name, byte* value, byte* description, int flags)
    {
    }
}
