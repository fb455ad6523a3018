"""The sources of what a report does: (the section that needs it, the reference)."""

REFERENCES = (
    (
        "always",
        "Olsson U (1979). Maximum likelihood estimation of the polychoric correlation "
        "coefficient. Psychometrika 44, 443-460.",
    ),
    (
        "exploration",
        "Horn JL (1965). A rationale and test for the number of factors in factor "
        "analysis. Psychometrika 30, 179-185.",
    ),
    (
        "exploration",
        "Braeken J, van Assen MALM (2017). An empirical Kaiser criterion. "
        "Psychological Methods 22, 450-466.",
    ),
    (
        "consistency",
        "Feldt LS (1965). The approximate sampling distribution of Kuder-Richardson "
        "reliability coefficient twenty. Psychometrika 30, 357-370.",
    ),
    (
        "consistency",
        "Green SB, Yang Y (2009). Reliability of summed item scores using structural "
        "equation modeling: an alternative to coefficient alpha. Psychometrika 74, "
        "155-167.",
    ),
    (
        "structure",
        "Sörbom D (1989). Model modification. Psychometrika 54, 371-384.",
    ),
    (
        "comparability",
        "Chen FF (2007). Sensitivity of goodness of fit indexes to lack of "
        "measurement invariance. Structural Equation Modeling 14, 464-504.",
    ),
    (
        "comparability",
        "Rao CR (1948). Large sample tests of statistical hypotheses concerning "
        "several parameters. Proceedings of the Cambridge Philosophical Society 44, "
        "50-57.",
    ),
    (
        "scaling",
        "Kuijpers RE, van der Ark LA, Croon MA (2013). Standard errors and confidence "
        "intervals for scalability coefficients in Mokken scale analysis using "
        "marginal models. Sociological Methodology 43, 42-69.",
    ),
    (
        "scaling",
        "Ligtvoet R, van der Ark LA, te Marvelde JM, Sijtsma K (2010). Investigating "
        "an invariant item ordering for polytomously scored items. Educational and "
        "Psychological Measurement 70, 578-595.",
    ),
    (
        "response_fit",
        "Cai L, Hansen M (2013). Limited-information goodness-of-fit testing of "
        "hierarchical item factor models. British Journal of Mathematical and "
        "Statistical Psychology 66, 245-276.",
    ),
    (
        "response_fit",
        "Cai L, Monroe S (2014). A new statistic for evaluating item response theory "
        "models for ordinal data. CRESST Report 839. Los Angeles: University of "
        "California.",
    ),
    (
        "response_fit",
        "Yen WM (1984). Effects of local item dependence on the fit and equating "
        "performance of the three-parameter logistic model. Applied Psychological "
        "Measurement 8, 125-145.",
    ),
    (
        "ordinal",
        "Muthén BO, du Toit SHC, Spisic D (1997). Robust inference using weighted "
        "least squares and quadratic estimating equations in latent variable modeling.",
    ),
    (
        "structure",
        "Savalei V (2021). Improving fit indices in structural equation modeling with "
        "categorical data. Multivariate Behavioral Research 56, 390-407.",
    ),
    (
        "structure",
        "McNeish D, Wolf MG (2023). Dynamic fit index cutoffs for confirmatory factor "
        "analysis models. Psychological Methods 28, 61-88.",
    ),
    (
        "comparability",
        "Wu H, Estabrook R (2016). Identification of confirmatory factor analysis "
        "models of different levels of invariance. Psychometrika 81, 1014-1045.",
    ),
    (
        "comparability",
        "Satorra A (2000). Scaled and adjusted restricted tests in multi-sample "
        "analysis of moment structures. In: Innovations in multivariate statistical "
        "analysis, 233-247.",
    ),
    (
        "differential",
        "Zumbo BD (1999). A handbook on the theory and methods of differential item "
        "functioning. Ottawa: Department of National Defense.",
    ),
    (
        "scaling",
        "Mokken RJ (1971). A theory and procedure of scale analysis. The Hague: "
        "Mouton.",
    ),
    (
        "response_model",
        "Samejima F (1969). Estimation of latent ability using a response pattern of "
        "graded scores. Psychometrika Monograph 17.",
    ),
    (
        "response_fit",
        "Maydeu-Olivares A, Joe H (2014). Assessing approximate fit in categorical "
        "data analysis. Multivariate Behavioral Research 49, 305-328.",
    ),
    (
        "response_fit",
        "Orlando M, Thissen D (2000). Likelihood-based item-fit indices for "
        "dichotomous item response theory models. Applied Psychological Measurement "
        "24, 50-64.",
    ),
    (
        "response_fit",
        "Christensen KB, Makransky G, Horton M (2017). Critical values for Yen's Q3. "
        "Applied Psychological Measurement 41, 178-194.",
    ),
    (
        "reliability",
        "Shrout PE, Fleiss JL (1979). Intraclass correlations: uses in assessing rater "
        "reliability. Psychological Bulletin 86, 420-428.",
    ),
    (
        "measurement_error",
        "de Vet HCW, Terwee CB, Knol DL, Bouter LM (2006). When to use agreement "
        "versus reliability measures. Journal of Clinical Epidemiology 59, 1033-1039.",
    ),
    (
        "measurement_error",
        "Bland JM, Altman DG (1999). Measuring agreement in method comparison studies. "
        "Statistical Methods in Medical Research 8, 135-160.",
    ),
    (
        "responsiveness",
        "Terluin B, Eekhout I, Terwee CB (2017). The anchor-based minimal important "
        "change, based on receiver operating characteristic analysis or predictive "
        "modeling, may need to be adjusted for the proportion of improved patients. "
        "Journal of Clinical Epidemiology 83, 90-100.",
    ),
    (
        "interpretation",
        "Terwee CB, Bot SDM, de Boer MR, et al. (2007). Quality criteria were proposed "
        "for measurement properties of health status questionnaires. Journal of "
        "Clinical Epidemiology 60, 34-42.",
    ),
    (
        "always",
        "Prinsen CAC, Mokkink LB, Bouter LM, et al. (2018). COSMIN guideline for "
        "systematic reviews of patient-reported outcome measures. Quality of Life "
        "Research 27, 1147-1157.",
    ),
    (
        "always",
        "Mokkink LB, de Vet HCW, Prinsen CAC, et al. (2018). COSMIN risk of bias "
        "checklist for systematic reviews of patient-reported outcome measures. "
        "Quality of Life Research 27, 1171-1179.",
    ),
)
