using System.Reflection;
using Logos.P2P.Node;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Logos.P2P.Tests.Diagnostics;

/// <summary>What operators filter logs by.</summary>
internal sealed class LogTests
{
    [Test]
    public void Each_event_has_a_number_of_its_own()
    {
        (int Id, string Name)[] events =
        [
            .. from assembly in (Assembly[])[typeof(P2PNode).Assembly, typeof(ExitCodes).Assembly]
               from type in assembly.GetTypes()
               from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
               let message = method.GetCustomAttribute<LoggerMessageAttribute>()
               where message is not null
               select (message.EventId, $"{type.Name}.{method.Name}"),
        ];

        Assert.That(events, Has.Length.GreaterThan(50));
        Assert.That(events.GroupBy(one => one.Id).Where(same => same.Count() > 1).Select(same => string.Join(", ", same)), Is.Empty);
    }
}
