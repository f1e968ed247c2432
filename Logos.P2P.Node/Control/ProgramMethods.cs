using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logos.P2P.Diagnostics;
using Logos.P2P.Node.Logs;

namespace Logos.P2P.Node.Control;

/// <summary>Methods about the program itself.</summary>
internal static class ProgramMethods
{
    public const string Group = "Control";

    public static ImmutableArray<RpcMethod> All { get; } =
    [
        new RpcMethod(
            "stop", Group, [], "Stops the node cleanly.", "text",
            (context, _) =>
            {
                context.Stop();
                return "Logos P2P stopping";
            }),
        new RpcMethod(
            "uptime", Group, [], "How long the node has been running.", "seconds",
            (context, _) => (long)(context.TimeProvider.GetUtcNow() - context.StartedAt).TotalSeconds),
        new RpcMethod(
            "logging",
            Group,
            [
                new RpcParameter("include", JsonValueKind.Array, "categories of which details are logged from now on", IsOptional: true),
                new RpcParameter("exclude", JsonValueKind.Array, "categories of which none are", IsOptional: true),
            ],
            $"Of what details are logged: {string.Join(", ", LogCategories.Names)}; all of them are all, or 1.",
            "for each category whether details of it are logged",
            Logging),
        new RpcMethod(
            "getmemoryinfo",
            Group,
            [new RpcParameter("mode", JsonValueKind.String, "stats, which is the only one", IsOptional: true)],
            "The memory of the node.",
            "locked (used, free, total, locked, chunks_used, chunks_free: all 0, for nothing is locked); and of our own: owners (for each "
            + "entries, bytes and capacity), total (their bytes, each once), managed (bytes that the runtime has)",
            GetMemoryInfo),
        new RpcMethod(
            "getrpcinfo", Group, [], "About the control interface.",
            "active_commands (a list of: method, duration in microseconds), logpath (that of -debuglogfile)",
            (context, _) => new JsonObject
            {
                ["active_commands"] = new JsonArray(
                [
                    .. context.Active.List().Select(call => new JsonObject
                    {
                        ["method"] = call.Method,
                        ["duration"] = (long)call.Duration.TotalMicroseconds,
                    }),
                ]),
                ["logpath"] = context.Log.File ?? "",
            }),
    ];

    private static JsonObject Logging(RpcContext context, RpcArguments arguments)
    {
        LogCategories categories = context.Log.Categories;
        foreach ((int index, bool isOn) in new[] { (0, true), (1, false) })
        {
            foreach (string name in arguments.Texts(index))
            {
                if (!categories.TrySet(name, isOn))
                    throw new RpcException(RpcErrorCode.InvalidParameter, $"unknown logging category {name}");
            }
        }

        return new JsonObject(LogCategories.Names.Select(
            name => KeyValuePair.Create<string, JsonNode?>(name, categories.IsDebugged(name))));
    }

    private static JsonObject GetMemoryInfo(RpcContext context, RpcArguments arguments)
    {
        string mode = arguments.OptionalText(0) ?? "stats";
        if (mode == "mallocinfo")
            throw new RpcException(RpcErrorCode.InvalidParameter, "mallocinfo mode not available");
        if (mode != "stats")
            throw new RpcException(RpcErrorCode.InvalidParameter, $"unknown mode {mode}");
        var json = new JsonObject
        {
            ["locked"] = new JsonObject
            {
                ["used"] = 0,
                ["free"] = 0,
                ["total"] = 0,
                ["locked"] = 0,
                ["chunks_used"] = 0,
                ["chunks_free"] = 0,
            },
        };
        if (context.Node.GetMemory() is { } memory)
        {
            json["owners"] = new JsonObject(Owners(memory).Select(
                owner => KeyValuePair.Create<string, JsonNode?>(owner.Name, Describe(owner.Use))));
            json["total"] = memory.Total;
        }

        json["managed"] = GC.GetTotalMemory(forceFullCollection: false);
        return json;
    }

    private static JsonObject Describe(MemoryUse use) => new()
    {
        ["entries"] = use.Entries,
        ["bytes"] = use.Bytes,
        ["capacity"] = use.Capacity,
    };

    private static IEnumerable<(string Name, MemoryUse Use)> Owners(MemoryAccount memory) =>
    [
        ("frames", memory.Frames), ("send_queues", memory.SendQueues), ("incomplete_frames", memory.IncompleteFrames),
        ("handler_queues", memory.HandlerQueues), ("message_store", memory.MessageStore),
        ("important_messages", memory.ImportantMessages), ("unused_frames", memory.UnusedFrames),
        ("seen_messages", memory.SeenMessages), ("relay", memory.Relay), ("address_book", memory.AddressBook),
        ("pending_requests", memory.PendingRequests), ("peers", memory.Peers),
    ];
}
