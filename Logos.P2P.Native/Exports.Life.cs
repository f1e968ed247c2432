using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Logos.P2P.Node.Configuration;

namespace Logos.P2P.Native;

/// <summary>The functions of the header, which documents them: making, starting and ending nodes, and what is about the library itself.</summary>
internal static unsafe partial class Exports
{
    /// <summary>LOGOS_P2P_ABI_VERSION: raised when what hosts were compiled against no longer fits.</summary>
    private const uint AbiVersion = 1;

    private const int OptionTakesArgument = 1;
    private const int OptionIsList = 2;

    /// <summary>
    /// What .NET's sockets look at when the first one is made: completions then run on the thread that the kernel woke, which is half of
    /// the delay of a relay. There is no other switch for it than the environment; .NET has a copy of that of its own, and this
    /// changes the copy only.
    /// </summary>
    public const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>The size of logos_p2p_host when it had its first members, the least that a host can have been compiled with.</summary>
    private static readonly nuint SmallestHost = (nuint)sizeof(NativeHost);

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_abi_version", CallConvs = [typeof(CallConvCdecl)])]
    public static uint GetAbiVersion() => AbiVersion;

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_last_error", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* GetLastError() => LastError.Text;

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_create", CallConvs = [typeof(CallConvCdecl)])]
    public static nint Create(NativeSetting* settings, nuint count, NativeHost* host) =>
        Create(host, () =>
        {
            if (settings is null && count > 0)
                throw new NativeException(Result.Argument, "settings is null.");
            var read = new (string, string?)[checked((int)count)];
            for (int i = 0; i < read.Length; i++)
                read[i] = (Text.Read(settings[i].Name, "The name of a setting"), ReadOptional(settings[i].Value));
            return OptionReader.Read(read);
        });

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_create_from_arguments", CallConvs = [typeof(CallConvCdecl)])]
    public static nint CreateFromArguments(int argc, byte** argv, NativeHost* host) =>
        Create(host, () =>
        {
            if (argc > 1 && argv is null)
                throw new NativeException(Result.Argument, "argv is null.");
            var words = new List<string>();
            for (int i = 1; i < argc; i++)
                words.Add(Text.Read(argv[i], $"argv[{i}]"));
            return OptionReader.ReadWords(words);
        });

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_start", CallConvs = [typeof(CallConvCdecl)])]
    public static int Start(nint handle) => Calls.With(handle, static node =>
    {
        node.Start();
        return (int)Result.Ok;
    });

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_stop", CallConvs = [typeof(CallConvCdecl)])]
    public static int Stop(nint handle) => Calls.With(handle, static node =>
    {
        node.Stop();
        return (int)Result.Ok;
    });

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_free", CallConvs = [typeof(CallConvCdecl)])]
    public static int Free(nint handle) => Calls.With(handle, node =>
    {
        node.Dispose();
        NodeTable.Remove(handle);
        return (int)Result.Ok;
    });

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_options", CallConvs = [typeof(CallConvCdecl)])]
    public static int ListOptions(delegate* unmanaged[Cdecl]<void*, byte*, byte*, byte*, int, void> each, void* context)
    {
        if (each is null)
            return (int)Calls.Fail(new NativeException(Result.Argument, "each is null."));
        foreach (NodeOption option in OptionTable.All)
        {
            bool isSwitch = option.Kind == OptionKind.Switch;
            int flags = (isSwitch ? 0 : OptionTakesArgument) | (option.Kind == OptionKind.List ? OptionIsList : 0);
            string valueName = isSwitch ? "" : option.ValueName, description = OptionHelp.Explain(option);
            fixed (byte* name = Text.Bytes(option.Name), value = Text.Bytes(valueName), text = Text.Bytes(description))
                each(context, name, value, text, flags);
        }

        return OptionTable.All.Length;
    }

    private static nint Create(NativeHost* host, Func<NodeSetup> read)
    {
        try
        {
            if (host is not null && host->Size < SmallestHost)
                throw new NativeException(Result.Argument, "The host's size is not that of a logos_p2p_host.");
            if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
                Environment.SetEnvironmentVariable(InlineCompletions, "1");
            nint handle = NodeTable.Reserve();
            NodeTable.Add(handle, new NativeNode(handle, read(), host is null ? default : *host));
            return handle;
        }
        catch (ArgumentException e)
        {
            Calls.Fail(new NativeException(Result.Option, e.Message));
            return 0;
        }
#pragma warning disable CA1031 // No exception may pass into C.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Calls.Fail(e);
            return 0;
        }
    }

    private static string? ReadOptional(byte* text) => text is null ? null : Text.Read(text, "");
}
