using System.Text.Json;
using System.Text.Json.Nodes;

namespace Logos.P2P.Node.Control;

/// <summary>A request, read as far as it can be, and the answers to it. Bitcoin Core's reading of JSON-RPC 1 and 2.</summary>
internal sealed class RpcRequest
{
    private bool _hasId;
    private JsonNode? _id;

    /// <summary>Whether it is JSON-RPC 2.0: errors are then told in the body alone, and a request without an id has no answer.</summary>
    public bool IsVersion2 { get; private set; }

    /// <summary>Whether nobody waits for an answer.</summary>
    public bool IsNotification => IsVersion2 && !_hasId;

    public string Method { get; private set; } = "";

    /// <summary>An array, an object, or null for none.</summary>
    public JsonNode? Parameters { get; private set; }

    /// <summary>Reads a request.</summary>
    /// <exception cref="RpcException">It is none. What was read before is there, so that the answer names it.</exception>
    public void Read(JsonNode? node)
    {
        if (node is not JsonObject request)
            throw Invalid("Invalid Request object");
        _hasId = request.TryGetPropertyValue("id", out _id);
        if (request["jsonrpc"] is { } version)
        {
            if (version.GetValueKind() != JsonValueKind.String)
                throw Invalid("jsonrpc field must be a string");
            IsVersion2 = version.GetValue<string>() switch
            {
                "1.0" => false,
                "2.0" => true,
                _ => throw Invalid("JSON-RPC version not supported"),
            };
        }

        JsonNode method = request["method"] ?? throw Invalid("Missing method");
        if (method.GetValueKind() != JsonValueKind.String)
            throw Invalid("Method must be a string");
        Method = method.GetValue<string>();
        Parameters = request["params"];
        if (Parameters is not (null or JsonArray or JsonObject))
            throw Invalid("Params must be an array or object");
    }

    /// <summary>The answer when all went well.</summary>
    public JsonObject Answer(JsonNode? result) => IsVersion2
        ? new JsonObject { ["jsonrpc"] = "2.0", ["result"] = result, ["id"] = _id?.DeepClone() }
        : new JsonObject { ["result"] = result, ["error"] = null, ["id"] = _id?.DeepClone() };

    /// <summary>The answer when it did not.</summary>
    public JsonObject Answer(RpcException e)
    {
        var error = new JsonObject { ["code"] = (int)e.Code, ["message"] = e.Message };
        return IsVersion2
            ? new JsonObject { ["jsonrpc"] = "2.0", ["error"] = error, ["id"] = _id?.DeepClone() }
            : new JsonObject { ["result"] = null, ["error"] = error, ["id"] = _id?.DeepClone() };
    }

    private static RpcException Invalid(string message) => new(RpcErrorCode.InvalidRequest, message);
}
