using System.Buffers;
using System.Text;
using System.Text.Json;
using Logos.P2P.Access;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Native;

/// <summary>What a node has counted, as an object of JSON. Counters that are zero are left out where there are many.</summary>
internal static class MetricsJson
{
    public static string Write(P2PNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            P2PMetrics metrics = node.Metrics;
            json.WriteStartObject();
            json.WriteNumber("connections", node.ConnectionCount);
            json.WriteNumber("addresses", node.AddressCount);
            json.WriteNumber("messagesReceived", metrics.MessagesReceived);
            json.WriteNumber("messagesPropagated", metrics.MessagesPropagated);
            json.WriteNumber("messagesRejected", metrics.MessagesRejected);
            json.WriteNumber("handlerFailures", metrics.HandlerFailures);
            json.WriteNumber("payloadsHashed", metrics.PayloadsHashed);
            json.WriteNumber("usedFrameBytes", metrics.UsedFrameBytes);
            json.WriteNumber("memoryBytes", node.GetMemory()?.Total ?? 0);
            WriteTraffic(json, metrics.Traffic);
            WriteCounters<DropReason>(json, "dropped", metrics.Dropped);
            WriteCounters<DisconnectReason>(json, "disconnected", metrics.Disconnected);
            WriteCounters<AdmissionDecision>(json, "admissions", metrics.Admissions);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteTraffic(Utf8JsonWriter json, TrafficCounters traffic)
    {
        json.WriteStartObject("traffic");
        foreach (Command command in Enum.GetValues<Command>())
        {
            TrafficCount received = traffic.Received(command), sent = traffic.Sent(command);
            if (received.Messages + sent.Messages == 0)
                continue;
            json.WriteStartObject(JsonNamingPolicy.CamelCase.ConvertName(command.ToString()));
            json.WriteNumber("received", received.Messages);
            json.WriteNumber("receivedBytes", received.Bytes);
            json.WriteNumber("sent", sent.Messages);
            json.WriteNumber("sentBytes", sent.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteCounters<T>(Utf8JsonWriter json, string name, Func<T, long> read)
        where T : struct, Enum
    {
        json.WriteStartObject(name);
        foreach (T value in Enum.GetValues<T>())
        {
            if (read(value) is not 0 and var count)
                json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(value.ToString()), count);
        }

        json.WriteEndObject();
    }
}
