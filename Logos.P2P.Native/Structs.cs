using System.Runtime.InteropServices;

namespace Logos.P2P.Native;

// The structs of the header, member for member; it documents them.

/// <summary>logos_p2p_setting.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeSetting
{
    public byte* Name;
    public byte* Value;
}

/// <summary>logos_p2p_message.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMessage
{
    public byte* Data;
    public nuint Size;
    public byte* Id;
    public long Peer;
}

/// <summary>logos_p2p_peer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativePeer
{
    public long Id;
    public byte* Endpoint;
    public byte* UserAgent;
    public byte* Kind;
    public int IsReady;
    public int ProtocolVersion;
    public long ConnectedSeconds;
    public long PingMicroseconds;
    public long BytesReceived;
    public long BytesSent;
}

/// <summary>logos_p2p_host.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeHost
{
    public nuint Size;
    public void* Context;
    public delegate* unmanaged[Cdecl]<void*, byte*, nuint, byte> Receive;
    public delegate* unmanaged[Cdecl]<void*, NativeMessage*, int> Judge;
    public delegate* unmanaged[Cdecl]<void*, NativeMessage*, int> JudgeBeginning;
    public delegate* unmanaged[Cdecl]<void*, NativeMessage*, void> ReceiveDirect;
    public delegate* unmanaged[Cdecl]<void*, byte*, nuint, byte> IsImportant;
    public delegate* unmanaged[Cdecl]<void*, byte*, nuint, ulong> ImportantKey;
    public delegate* unmanaged[Cdecl]<void*, byte*, nuint, byte> IsUrgent;
    public delegate* unmanaged[Cdecl]<void*, byte*, nuint, uint> Origin;
    public delegate* unmanaged[Cdecl]<void*, byte*, delegate* unmanaged[Cdecl]<void*, byte*, nuint, void>, void*, byte> Load;
    public delegate* unmanaged[Cdecl]<void*, byte*, byte*, nuint, byte> Store;
    public delegate* unmanaged[Cdecl]<void*, delegate* unmanaged[Cdecl]<void*, void>, void*, void> Run;
    public delegate* unmanaged[Cdecl]<void*, int, byte*, void> Log;
    public int LogLevel;
    public int Inline;
}
