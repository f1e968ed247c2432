using System.Buffers.Binary;
using System.Text;

namespace Logos.P2P.Tests.Diagnostics;

/// <summary>Reads a file of captured messages, by the format's description alone.</summary>
internal static class CapturedFile
{
    public static List<(string Command, byte[] Payload)> Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var messages = new List<(string Command, byte[] Payload)>();
        for (int at = 0; at < bytes.Length;)
        {
            string command = Encoding.Latin1.GetString(bytes, at + 8, 12).TrimEnd('\0');
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 20));
            at += 24 + length;
            messages.Add((command, bytes[(at - length)..at]));
        }

        return messages;
    }
}
