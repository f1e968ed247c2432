namespace Logos.P2P.Storage;

/// <summary>
/// A host's storage, whose failures are those that it may have: whatever a host throws must not end what the node is just doing, least of
/// all its stop.
/// </summary>
#pragma warning disable CA1031 // It is the host's code. What it throws is passed on as what everybody expects of a storage.
internal sealed class GuardedStorage(IKeyValueStorage storage) : IKeyValueStorage
{
    /// <inheritdoc/>
    public byte[]? Load(string name)
    {
        try
        {
            return storage.Load(name);
        }
        catch (Exception e) when (e is not IOException)
        {
            throw Failure(e);
        }
    }

    /// <inheritdoc/>
    public void Store(string name, ReadOnlySpan<byte> value)
    {
        try
        {
            storage.Store(name, value);
        }
        catch (Exception e) when (e is not IOException)
        {
            throw Failure(e);
        }
    }

    private static IOException Failure(Exception e) => new($"The host's storage failed: {e.Message}", e);
}
