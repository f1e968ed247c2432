using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Logos.P2P.AddrMan;
using Logos.P2P.Storage;

namespace Logos.P2P.Native;

/// <summary>The host's own database as the node's storage.</summary>
/// <remarks>The functions are C: no exception comes out of them, so nothing here sees to one.</remarks>
/// <param name="host">Its functions; <see cref="NativeHost.Load"/> and <see cref="NativeHost.Store"/> are there.</param>
/// <param name="gate">What they are called through.</param>
internal sealed unsafe class HostStorage(NativeHost host, CallGate gate) : IKeyValueStorage
{
    public byte[]? Load(string name)
    {
        Enter(name);
        var given = new Given();
        var sink = GCHandle.Alloc(given);
        bool isGood;
        fixed (byte* text = Text.Bytes(name))
            isGood = host.Load(host.Context, text, &Give, (void*)GCHandle.ToIntPtr(sink)) != 0;
        sink.Free();
        gate.Leave();
        if (given.IsTooLarge)
            throw new IOException($"What the host keeps as '{name}' is too large to be a node's; it is left alone");
        return isGood ? given.Value : throw new IOException($"The host could not load '{name}'");
    }

    public void Store(string name, ReadOnlySpan<byte> value)
    {
        Enter(name);
        bool isGood;
        fixed (byte* text = Text.Bytes(name), bytes = value)
            isGood = host.Store(host.Context, text, bytes, (nuint)value.Length) != 0;
        gate.Leave();
        if (!isGood)
            throw new IOException($"The host could not store '{name}'");
    }

    private void Enter(string name)
    {
        if (!gate.TryEnter())
            throw new IOException($"The node was stopped, so '{name}' is the host's alone");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Give(void* sink, byte* value, nuint size)
    {
        var given = (Given)GCHandle.FromIntPtr((nint)sink).Target!;
        if (size <= PeersFile.MaxSize)
            given.Value = new ReadOnlySpan<byte>(value, (int)size).ToArray();
        else
            given.IsTooLarge = true;
    }

    private sealed class Given
    {
        public byte[]? Value { get; set; }

        public bool IsTooLarge { get; set; }
    }
}
