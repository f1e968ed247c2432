namespace Logos.P2P.Peers;

/// <summary>What the kinds of connections do and do not.</summary>
internal static class ConnectionKinds
{
    extension(ConnectionKind kind)
    {
        /// <summary>Whether messages flow. A feeler and an address fetch are over before they would be of use.</summary>
        public bool CarriesMessages => kind is not (ConnectionKind.Feeler or ConnectionKind.AddrFetch);

        /// <summary>Whether addresses flow.</summary>
        public bool CarriesAddresses => kind is not (ConnectionKind.Feeler or ConnectionKind.Quiet);

        /// <summary>Whether the node chose the address by itself and holds on to it.</summary>
        public bool IsAutomatic => kind is ConnectionKind.Outbound or ConnectionKind.Quiet;
    }
}
