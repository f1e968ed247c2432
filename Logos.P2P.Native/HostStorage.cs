using System.Runtime.InteropServices;
using Logos.P2P.Storage;

namespace Logos.P2P.Native;

/// <summary>The host's own database as the node's storage.</summary>
/// <param name="host">Its functions; <see cref="NativeHost.Load"/> and <see cref="NativeHost.Store"/> are there.</param>
/// <param name="gate">What they are called through.</param>
internal sealed unsafe class HostStorage(NativeHost host, CallGate gate) : IKeyValueStorage
{
    public byte[]? Load(string name)
    {
        Enter(name);
        try
        {
            byte[]? value = null;
            fixed (byte* text = Text.Bytes(name))
            {
                // On this stack: the host gives the value, if it has one, before it returns.
                var sink = GCHandle.Alloc(new StrongBox());
                try
                {
                    bool isGood = host.Load(host.Context, text, &Give, (void*)GCHandle.ToIntPtr(sink)) != 0;
                    if (!isGood)
                        throw new IOException($"The host could not load '{name}'");
                    value = ((StrongBox)sink.Target!).Value;
                }
                finally
                {
                    sink.Free();
                }
            }

            return value;
        }
        finally
        {
            gate.Leave();
        }
    }

    public void Store(string name, ReadOnlySpan<byte> value)
    {
        Enter(name);
        try
        {
            fixed (byte* text = Text.Bytes(name), bytes = value)
            {
                if (host.Store(host.Context, text, bytes, (nuint)value.Length) == 0)
                    throw new IOException($"The host could not store '{name}'");
            }
        }
        finally
        {
            gate.Leave();
        }
    }

    private void Enter(string name)
    {
        if (!gate.TryEnter())
            throw new IOException($"The node was stopped, so '{name}' is the host's alone");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static void Give(void* sink, byte* value, nuint size)
    {
        if (GCHandle.FromIntPtr((nint)sink).Target is StrongBox box)
            box.Value = new ReadOnlySpan<byte>(value, checked((int)size)).ToArray();
    }

    private sealed class StrongBox
    {
        public byte[]? Value { get; set; }
    }
}
