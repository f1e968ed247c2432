using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Logos.P2P.Tests.Discovery;

/// <summary>Skips the tests of a class, saying why, where <see cref="NetworkNamespace"/> cannot be used. CI has all of it.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RequiresNamespacesAttribute : NUnitAttribute, IApplyToTest
{
    public void ApplyToTest(Test test)
    {
        if (NetworkNamespace.CanUse)
            return;
        test.RunState = RunState.Skipped;
        test.Properties.Set(PropertyNames.SkipReason, "Needs ip, dnsmasq (eng/prepare --dev) and root.");
    }
}
