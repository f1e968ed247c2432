using System.Diagnostics.CodeAnalysis;
using Logos.P2P;
using Logos.P2P.Hosting;
using Microsoft.Extensions.Logging;

// Where those look who register services.
#pragma warning disable IDE0130
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>Registers a node with the generic host.</summary>
public static class LogosP2PServices
{
    /// <summary>
    /// Adds a <see cref="P2PNode"/>, which starts and stops with the host and is there to be injected. Its upper layer is the
    /// <see cref="IMessageHandler"/> among the services, its log the host's; a <see cref="P2PHost"/> is used when there is one.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">How the node is to run.</param>
    public static IServiceCollection AddLogosP2P(this IServiceCollection services, P2POptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(provider => new P2PNode(
            options,
            provider.GetRequiredService<IMessageHandler>(),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<P2PHost>()));
        return services.AddHostedService<NodeService>();
    }

    /// <summary>The same with an upper layer.</summary>
    /// <typeparam name="THandler">
    /// The upper layer. It is made before the node is, so where it sends messages it asks an <see cref="IServiceProvider"/> for the node
    /// when it does.
    /// </typeparam>
    /// <param name="services">The services.</param>
    /// <param name="options">How the node is to run.</param>
    public static IServiceCollection AddLogosP2P<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(this IServiceCollection services, P2POptions options)
        where THandler : class, IMessageHandler =>
        services.AddSingleton<IMessageHandler, THandler>().AddLogosP2P(options);
}
